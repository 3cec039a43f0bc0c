import { Plus, X } from 'lucide-react'
import { useId } from 'react'
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

/** The template's inputs, in the order in which people fill them in. */
export function InputList() {
  const doc = useEditor((state) => state.doc)
  const canEdit = useEditor((state) => state.canEdit)
  const issues = useEditor((state) => state.issues)
  const menu = useId()
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
        {canEdit && (
          <>
            <button
              type="button"
              className="btn btn-s btn-bare add-input"
              popoverTarget={menu}
              aria-haspopup="menu"
            >
              <Plus className="i i-14" aria-hidden />
              Add<span className="visually-hidden"> an input</span>
            </button>
            <AddMenu id={menu} />
          </>
        )}
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
                  <b className="clip">{name}</b>
                  <span className={`clip${bad === 'error' ? ' is-bad' : ''}`}>
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

function AddMenu({ id }: { id: string }) {
  return (
    <div className="menu add-menu" id={id} popover="auto" role="menu" aria-label="Add an input">
      {INPUT_CHOICES.map(({ type, title, kind }) => (
        <button
          type="button"
          role="menuitem"
          key={type}
          onClick={() => {
            document.getElementById(id)?.hidePopover?.()
            const before = editor().doc.inputs.order
            perform(addInput(editor().doc, type))
            const newKey = editor().doc.inputs.order.find((key) => !before.includes(key))
            if (newKey !== undefined) showInput(newKey)
          }}
        >
          <Shape kind={kind} />
          {title}
        </button>
      ))}
    </div>
  )
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
