import { Plus, X } from 'lucide-react'
import type { Json } from '../../api/schema'
import { isObject } from '../../document/ops'
import { move, Sortable } from '../Sortable'
import type { PartedProps } from './control'
import { blank, kindOf, problemOf, unwrap } from './schema'
import { itemSlot } from './slot'

/** Rows of a list: written, moved, added, taken away. */
export function ListControl({ schema, slot, ids, label, unit, Part }: PartedProps) {
  const items = Array.isArray(slot.value) ? slot.value : []
  const part = isObject(schema.items) ? unwrap(schema.items) : {}
  const most = typeof schema.maxItems === 'number' ? schema.maxItems : Number.POSITIVE_INFINITY
  const write = (next: Json[]) => slot.write(next.length > 0 ? next : undefined)
  const isText = kindOf(part) === 'text' || kindOf(part) === 'loose'
  return (
    // biome-ignore lint/a11y/useSemanticElements: the label is outside, as with every field
    <div
      className="rows"
      role="group"
      id={ids.id}
      aria-labelledby={ids.labelId}
      aria-describedby={ids.describedBy}
    >
      <Sortable
        keys={items.map((_, at) => String(at))}
        nameOf={(at) => `${label} ${at + 1}`}
        onMove={(from, to) => write(move(items, from, to))}
      >
        {(at) => {
          const inner = itemSlot(slot, at, isText ? '' : undefined)
          const name = `${label} ${at + 1}`
          const problem = problemOf(part, inner.value)
          return (
            <>
              <div className="grow">
                <Named name={name} id={`${ids.id}-${at}`}>
                  {(labelId) => (
                    <Part
                      schema={part}
                      slot={inner}
                      ids={{
                        id: `${ids.id}-${at}c`,
                        labelId,
                        describedBy: undefined,
                        isInvalid: problem !== null,
                      }}
                      label={name}
                      unit={unit ?? ''}
                    />
                  )}
                </Named>
                {problem && <p className="help help-bad">{problem}</p>}
              </div>
              <button
                type="button"
                className="mini-btn"
                aria-label={`Remove ${name}`}
                onClick={() => write(items.filter((_, place) => place !== at))}
              >
                <X className="i i-14" aria-hidden />
              </button>
            </>
          )
        }}
      </Sortable>
      {items.length < most && (
        <button
          type="button"
          className="btn btn-s btn-bare add-row"
          aria-label={`Add to ${label}`}
          onClick={() => slot.write([...items, blank(part)])}
        >
          <Plus className="i i-14" aria-hidden />
          Add
        </button>
      )}
    </div>
  )
}

/** A name for a control whose place says to eyes what it is. */
function Named(props: {
  name: string
  id: string
  children: (labelId: string) => React.ReactNode
}) {
  return (
    <>
      <label className="visually-hidden" id={`${props.id}l`} htmlFor={`${props.id}c`}>
        {props.name}
      </label>
      {props.children(`${props.id}l`)}
    </>
  )
}
