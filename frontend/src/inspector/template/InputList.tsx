import { X } from 'lucide-react'
import type { Doc } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { act } from '../../editor/actions'
import { showInput } from '../../editor/inspected'
import { editor, useEditor } from '../../editor/store'
import { INPUT_CHOICES } from '../../graph/choices'
import { inputOf } from '../../graph/documentReaders'
import { nameOf } from '../../graph/edit'
import { addInput, removeInput } from '../../graph/edits/names'
import { Shape } from '../../parts/Shape'
import { issuesOfInput, worst } from '../issues'
import { titleOfMedium } from '../media/picked'
import { perform } from '../perform'
import { move, Sortable } from '../Sortable'
import { AddMenu } from './AddMenu'

const CHOICES = INPUT_CHOICES.map(({ type, title, kind }) => ({ key: type, title, kind }))

/** The template's inputs, in the order in which people fill them in. */
export function InputList() {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const issues = useEditor((state) => state.issues)
  const { order } = doc.inputs
  const reorder = (from: number, to: number) => {
    const key = order[from]
    if (key === undefined) return
    const after = move(order, from, to)[to - 1] ?? null
    const op = { op: 'order' as const, table: 'inputs' as const, key, after }
    act({ label: `Move input ${nameOf(doc, key)}`, ops: [op] })
  }
  return (
    <section className="panel-section">
      <h3>
        Inputs
        {canEdit && <AddMenu noun="an input" choices={CHOICES} onChoose={add} />}
      </h3>
      {order.length === 0 && <p className="help">No inputs yet. The template runs without any.</p>}
      <fieldset disabled={!canEdit}>
        <Sortable keys={order} nameOf={(at) => nameOf(doc, order[at] ?? '')} onMove={reorder}>
          {(at) => {
            const key = order[at] ?? ''
            const bad = worst(issuesOfInput(issues, doc, key))
            const name = nameOf(doc, key)
            return (
              <>
                <button type="button" className="line" onClick={() => showInput(key)}>
                  <Shape kind={inputOf(doc, key).kind} />
                  <b className="clip" dir="auto">
                    {name}
                  </b>
                  <span className={`clip${bad === 'error' ? ' is-bad' : ''}`} dir="auto">
                    {summaryOf(doc, key)}
                  </span>
                </button>
                <button
                  type="button"
                  className="mini-btn on-hover"
                  aria-label={`Delete input ${name}`}
                  onClick={() => perform(removeInput(editor().doc, key))}
                >
                  <X className="i i-14" aria-hidden />
                </button>
              </>
            )
          }}
        </Sortable>
      </fieldset>
    </section>
  )
}

function add(type: string): void {
  const choice = INPUT_CHOICES.find((one) => one.type === type)
  if (!choice) return
  const before = editor().doc.inputs.order
  perform(addInput(editor().doc, choice.type))
  const newKey = editor().doc.inputs.order.find((key) => !before.includes(key))
  if (newKey !== undefined) showInput(newKey)
}

/** "photo, sample set", "required", "24". */
function summaryOf(doc: Doc, key: string): string {
  const record = row(doc, 'inputs', key)
  if (!isObject(record)) return 'Has errors'
  const input = inputOf(doc, key)
  const valueRecord = row(doc, 'values', key)
  const testValue = isObject(valueRecord) ? valueRecord.value : undefined
  const value = testValue ?? record.default
  const isMedium = input.kind === 'image' || input.kind === 'video' || input.kind === 'audio'
  const hidden = input.isInternal ? 'hidden' : ''
  if (value === undefined || value === null || value === '')
    return hidden || (input.isRequired ? 'required' : 'optional')
  if (Array.isArray(value)) return `${value.length} ${value.length === 1 ? 'value' : 'values'}`
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (isObject(value)) return 'set'
  if (isMedium) return titleOfMedium(String(value))
  return String(value)
}
