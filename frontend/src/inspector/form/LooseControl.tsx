import { useId } from 'react'
import type { Json } from '../../api/schema'
import type { ControlProps } from './control'
import { showValue } from './schema'
import { Hint } from './TextControl'
import { useDraft } from './useDraft'

/** A line with suggestions: others than the listed are allowed. */
export function LooseControl({ schema, slot, ids, placeholder, unit }: ControlProps) {
  const list = useId()
  const isNumber = schema.type === 'number' || schema.type === 'integer'
  const draft = useDraft(showValue(slot.value), (text) => {
    if (text.trim() === '') slot.write(undefined, { burst: true })
    else if (!isNumber) slot.write(text, { burst: true })
    else if (Number.isFinite(Number(text))) slot.write(Number(text), { burst: true })
  })
  const examples: readonly Json[] = Array.isArray(schema.examples) ? schema.examples : []
  return (
    <>
      <span className="unit-box">
        <input
          className="input"
          id={ids.id}
          list={list}
          inputMode={isNumber ? 'decimal' : undefined}
          dir="auto"
          value={draft.text}
          placeholder={placeholder}
          aria-describedby={ids.describedBy}
          aria-invalid={ids.isInvalid || undefined}
          onFocus={draft.onFocus}
          onBlur={draft.onBlur}
          onChange={(event) => draft.onText(event.target.value)}
        />
        {unit && <span className="unit">{unit}</span>}
      </span>
      <datalist id={list}>
        {examples.map((value) => (
          <option key={String(value)} value={String(value)} />
        ))}
      </datalist>
      {draft.hint && <Hint text={draft.hint} />}
    </>
  )
}
