import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { itemTitle, labelOf, sampleOf } from '../../graph/flow'
import { Field } from '../form/Field'
import { useDraft } from '../form/useDraft'
import { recordSlot } from './argument'

const SHOWN = 3

/** The label of items, with the first labels as they will be. */
export function ItemLabelField({ node }: { node: string }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const slot = recordSlot(doc, 'stages', node, ['itemLabelTemplate'], 'Item label')
  const value = typeof slot.value === 'string' ? slot.value : ''
  const draft = useDraft(value, (text) =>
    slot.write(text === '' ? undefined : text, { burst: true }),
  )
  const sample = sampleOf(doc, wiring, node)
  const { itemName } = stageOf(doc, node)
  const count = sample.elements?.length ?? SHOWN
  const labels = Array.from({ length: Math.min(SHOWN, count) }, (_, at) => {
    const element = sample.elements?.[at] ?? null
    return draft.text === ''
      ? itemTitle('', at, itemName)
      : labelOf(draft.text, element, at, itemName)
  })
  const names = ['index', ...sample.fields].map((name) => `{${name}}`).join(', ')
  return (
    <Field label="Item label" name="itemLabelTemplate" help={`You can use ${names}.`}>
      {(ids) => (
        <>
          <input
            className="input"
            id={ids.id}
            maxLength={200}
            dir="auto"
            placeholder="{index}"
            value={draft.text}
            aria-describedby={ids.describedBy}
            onFocus={draft.onFocus}
            onBlur={draft.onBlur}
            onChange={(event) => draft.onText(event.target.value)}
          />
          {labels.length > 0 && (
            <p className="help label-preview" dir="auto" role="status">
              {labels.join(' · ')}
              {count > SHOWN && ' …'}
            </p>
          )}
        </>
      )}
    </Field>
  )
}
