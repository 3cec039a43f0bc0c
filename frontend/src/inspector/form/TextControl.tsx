import type { FocusEvent } from 'react'
import { SELECTING } from '../../parts/selecting'
import type { ControlProps } from './control'
import { isLong } from './schema'
import { useDraft } from './useDraft'

/**
 * A line, or an area that grows with its text. An empty field removes the value. The schema's
 * `x-name`: it names something, see SELECTING.
 */
export function TextControl({ schema, slot, ids, placeholder }: ControlProps) {
  const shownText = typeof slot.value === 'string' ? slot.value : ''
  const draft = useDraft(shownText, (text) =>
    slot.write(text === '' ? undefined : text, { burst: true }),
  )
  const props = {
    className: 'input',
    id: ids.id,
    dir: 'auto' as const,
    value: draft.text,
    placeholder,
    'aria-describedby': ids.describedBy,
    'aria-invalid': ids.isInvalid || undefined,
    onFocus: draft.onFocus,
    onBlur: draft.onBlur,
  }
  const naming = {
    ...SELECTING,
    onFocus: (event: FocusEvent<HTMLInputElement>) => {
      draft.onFocus()
      SELECTING.onFocus(event)
    },
  }
  return (
    <>
      {isLong(schema) ? (
        <textarea {...props} rows={2} onChange={(event) => draft.onText(event.target.value)} />
      ) : (
        <input
          {...props}
          {...(schema['x-name'] === true ? naming : {})}
          onChange={(event) => draft.onText(event.target.value)}
        />
      )}
      {draft.hint && <Hint text={draft.hint} />}
    </>
  )
}

/** A line that says who else changed the field that is being typed into. */
export function Hint({ text }: { text: string }) {
  return (
    <p className="help" role="status">
      {text}
    </p>
  )
}
