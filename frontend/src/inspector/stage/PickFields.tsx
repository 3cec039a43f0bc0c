import type { Issue } from '../../api/schema'
import { Combobox } from '../../chooser/Combobox'
import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { readText } from '../../graph/bindings'
import { Field } from '../form/Field'
import { perform } from '../perform'
import { SourceChip } from '../SourceChip'
import { fittingSources } from '../sources'
import { recordSlot } from './argument'
import { issuesAt } from './FlowFields'
import { RecordField } from './RecordField'

/** The choice between an answer in words and a pick among media, and the number to pick. */
export function PickFields({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const doc = useEditor((state) => state.doc)
  const whole = recordSlot(doc, 'stages', node, ['select'], 'Choices from')
  const record = row(doc, 'stages', node)
  const select = isObject(record) && isObject(record.select) ? record.select : null
  const from = typeof select?.from === 'string' ? select.from : ''
  const isBound = from !== '' && readText(from).type !== 'literal'
  return (
    <>
      <Field
        label="Choices from"
        name="select"
        help="Leave empty to ask for a text answer."
        issues={issuesAt(issues, 'select')}
        isGroup
      >
        {(ids) =>
          isBound ? (
            <SourceChip
              text={from}
              stage={node}
              label="Choices from"
              isSaid={ids.isSaid ?? false}
              onUnlink={() => whole.write(undefined)}
            />
          ) : (
            <Combobox
              id={ids.id}
              label="Choices from"
              value={from}
              placeholder="Connect results…"
              describedBy={ids.describedBy}
              empty="Add a stage that makes media first."
              choices={() => fittingSources(node, 'select').map(({ choice }) => choice)}
              onChoose={(id) => {
                const chosen = fittingSources(node, 'select').find((one) => one.choice.id === id)
                if (chosen) perform(chosen.option.edit())
              }}
            />
          )
        }
      </Field>
      {select && (
        <div className="two">
          {(['min', 'max'] as const).map((bound) => (
            <RecordField
              key={bound}
              table="stages"
              node={node}
              spec={{
                path: ['select', bound],
                label: bound === 'min' ? 'Minimum' : 'Maximum',
                schema: { type: 'integer', minimum: 1, 'x-plain': true },
              }}
            />
          ))}
        </div>
      )}
    </>
  )
}
