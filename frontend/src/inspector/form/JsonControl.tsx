import { useState } from 'react'
import type { Json } from '../../api/schema'
import { same } from '../../document/ops'
import type { ControlProps } from './control'
import { Hint } from './TextControl'
import { useDraft } from './useDraft'

/** Any value as JSON. What cannot be read stays in the field, and the value as it was. */
export function JsonControl({ slot, ids, placeholder }: ControlProps) {
  const [problem, setProblem] = useState('')
  const shownText = slot.value === undefined ? '' : JSON.stringify(slot.value, null, 2)
  const draft = useDraft(
    shownText,
    (text) => {
      const reading = readJson(text)
      setProblem(reading.problem)
      if (reading.problem === '') slot.write(reading.value, { burst: true })
    },
    (text, other) => same(readJson(text).value, readJson(other).value),
  )
  return (
    <>
      <textarea
        className="input mono"
        id={ids.id}
        rows={3}
        spellCheck={false}
        value={draft.text}
        placeholder={placeholder}
        aria-labelledby={ids.labelId}
        aria-describedby={ids.describedBy}
        aria-invalid={problem !== '' || ids.isInvalid || undefined}
        onFocus={draft.onFocus}
        onBlur={() => {
          setProblem('')
          draft.onBlur()
        }}
        onChange={(event) => draft.onText(event.target.value)}
      />
      {problem && (
        <p className="help help-bad" role="status">
          {problem}
        </p>
      )}
      {draft.hint && <Hint text={draft.hint} />}
    </>
  )
}

export function readJson(text: string): { value: Json | undefined; problem: string } {
  if (text.trim() === '') return { value: undefined, problem: '' }
  try {
    return { value: JSON.parse(text) as Json, problem: '' }
  } catch {
    return { value: undefined, problem: 'Invalid JSON. Not saved yet.' }
  }
}
