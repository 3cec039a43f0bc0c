import { Plus } from 'lucide-react'
import { type ComponentProps, type FocusEvent, type KeyboardEvent, useId } from 'react'
import { pressedKey } from '../frame/press'
import { Field } from '../inspector/form/Field'
import { changePlan, sayLack } from './drafting'
import { Chip, PlanControl } from './PlanControl'
import {
  additionsTo,
  EXTRA_FIELDS,
  extrasOf,
  notesOn,
  originWords,
  planWith,
  valueAt,
} from './plan'
import { FORM, type FormRow, nothing, problemIn, unusedWords } from './planForm'
import type { Plan } from './planTypes'
import { useDescribe } from './store'

/** All settings of what is proposed. A change of one makes the proposal again. */
export function PlanPanel({ plan }: { plan: Plan }) {
  return (
    <section
      className="plan"
      aria-label="Plan"
      data-own-keys=""
      onBlur={sayLackOfField}
      onKeyDown={leave}
    >
      {FORM.filter(({ isShown }) => isShown(plan)).map((row) => (
        <PlanRow key={row.field} plan={plan} row={row} />
      ))}
      <Also plan={plan} />
    </section>
  )
}

function PlanRow({ plan, row }: { plan: Plan; row: FormRow }) {
  const { label, field, schema } = row
  const value = valueAt(plan, field)
  return (
    <PlanField
      plan={plan}
      fields={field === 'ask' ? ['choice', 'approves_images'] : [field]}
      label={label}
      isGroup={schema.type === 'array'}
      problem={problemIn(schema, value)}
    >
      {(ids) => (
        <>
          <PlanControl
            schema={schema}
            slot={{
              value,
              write: (next) => changePlan(planWith(plan, field, next ?? nothing(schema))),
            }}
            ids={ids}
            label={label}
          />
          {additionsTo(plan, field).map(([words, next]) => (
            <button
              type="button"
              key={words}
              className="btn btn-s btn-bare plan-add"
              onClick={() => changePlan(next)}
            >
              <Plus className="i i-14" aria-hidden />
              {words}
            </button>
          ))}
        </>
      )}
    </PlanField>
  )
}

/** Settings without a control of their own, to be removed. */
function Also({ plan }: { plan: Plan }) {
  const extras = extrasOf(plan)
  if (extras.length === 0) return null
  return (
    <PlanField plan={plan} fields={EXTRA_FIELDS} label="Also" isGroup>
      {(ids) => (
        <ul className="describe-examples" aria-labelledby={ids.labelId}>
          {extras.map(([text, without]) => (
            <li key={text}>
              <Chip words={text} onRemove={() => changePlan(without)} />
            </li>
          ))}
        </ul>
      )}
    </PlanField>
  )
}

interface FieldProps extends ComponentProps<typeof Field> {
  plan: Plan
  fields: readonly string[]
}

/** A control of fields, with where their values come from and the answer's notes on them. */
function PlanField({ plan, fields, children, ...props }: FieldProps) {
  const origin = useDescribe((state) => state.origin)
  const answer = useDescribe((state) => state.proposed?.answer.plan)
  const id = useId()
  const rows = [answer, origin?.row].filter((row) => row != null)
  const words = origin ? originWords(plan, origin, fields) : ''
  const note = unusedWords(plan, fields) || notesOn(plan, rows, fields)
  const aside = words && (
    <span className="plan-origin faint" title={words}>
      <span className="dot" />
      <span className="clip" id={id}>
        {words}
      </span>
    </span>
  )
  return (
    <Field {...props} note={note} aside={aside}>
      {(ids) => {
        const describedBy = [ids.describedBy, words && id].filter(Boolean).join(' ') || undefined
        return children({ ...ids, describedBy })
      }}
    </Field>
  )
}

/** Says what is missing once a field was left, and not while there is time to write it. */
function sayLackOfField({ target }: FocusEvent): void {
  if (!target.matches('button')) sayLack()
}

/** Escape leads back to the proposal, where it refuses. */
function leave(event: KeyboardEvent<HTMLElement>): void {
  if (pressedKey(event) !== 'Escape' || event.defaultPrevented) return
  event.preventDefault()
  event.stopPropagation()
  event.currentTarget.closest<HTMLElement>('.proposal')?.focus()
}
