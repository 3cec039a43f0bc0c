import { X } from 'lucide-react'
import { type ReactNode, useId } from 'react'
import type { JsonObject } from '../api/schema'
import type { ControlProps } from '../inspector/form/control'
import { ListControl } from '../inspector/form/ListControl'
import { SchemaControl } from '../inspector/form/SchemaControl'
import { kindOf } from '../inspector/form/schema'
import { nothing, type Part, partsOf } from './planForm'
import { describing } from './store'

/** The inspector's control of a field, with rows of its own for a list. */
export function PlanControl(props: ControlProps) {
  const { schema, slot } = props
  const value = slot.value === '' ? undefined : slot.value
  if (kindOf(schema) !== 'list') return <SchemaControl {...props} slot={{ ...slot, value }} />
  // What can be added has buttons of its own; see `additionsTo`.
  return <ListControl {...props} schema={{ ...schema, maxItems: 0 }} Part={Row} />
}

function Row(props: ControlProps) {
  const { plan } = describing()
  const row = props.slot.value as JsonObject
  if (!plan) return null
  const parts = partsOf(row, plan)
  const chip = (words: string, without: JsonObject) => (
    <Chip words={words} onRemove={() => props.slot.write({ ...row, ...without })} />
  )
  return (
    <span className="plan-row">
      {parts.map((part, at) => (
        <Cell key={part[0]} {...props} part={part} isFirst={at === 0} />
      ))}
      {row.uses && chip(`Uses ${row.uses}`, { uses: '' })}
      {row.ask_before === true && chip('Asks before', { ask_before: false })}
    </span>
  )
}

/** A field of a row; its place says to eyes what it is. The first is called as the row. */
function Cell({ slot, part, isFirst, ...props }: ControlProps & { part: Part; isFirst: boolean }) {
  const [field, name, schema] = part
  const id = useId()
  const row = slot.value as JsonObject
  const ids = { id, labelId: `${id}l`, describedBy: undefined, isInvalid: false }
  return (
    <span className={`plan-${kindOf(schema)}`}>
      {!isFirst && (
        <label className="visually-hidden" id={ids.labelId} htmlFor={id}>
          {`${name}, ${props.label}`}
        </label>
      )}
      <PlanControl
        schema={schema}
        slot={{
          value: row[field],
          write: (value) => slot.write({ ...row, [field]: value ?? nothing(schema) }),
        }}
        ids={isFirst ? props.ids : ids}
        label={props.label}
        placeholder={name}
      />
    </span>
  )
}

interface ChipProps {
  words: ReactNode
  /** The name of its button. */
  name?: string
  onRemove: () => void
}

/** A setting in words that can be removed. */
export function Chip({ words, name = `Remove ${words}`, onRemove }: ChipProps) {
  return (
    <span className="pill plan-chip">
      {words}
      <button type="button" className="mini-btn" aria-label={name} title={name} onClick={onRemove}>
        <X className="i i-12" aria-hidden />
      </button>
    </span>
  )
}
