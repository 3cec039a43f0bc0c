import type { ControlProps } from './control'
import { isSegment, optionsOf, optionWords, showValue } from './schema'

/**
 * One of a list: side by side when there are few, else a select. The schema's `x-unset`: the words
 * of a select for no choice.
 */
export function ChoiceControl({ schema, slot, ids, label }: ControlProps) {
  const options = optionsOf(schema)
  const value = slot.value ?? undefined
  const isKnown = value === undefined || options.includes(value)
  const unset = showValue(schema['x-unset'])
  if (isKnown && !unset && isSegment(options.map((option) => optionWords(option, schema)))) {
    const current = value ?? schema.default
    return (
      // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a segment
      <div
        className="segmented"
        role="group"
        id={ids.id}
        aria-labelledby={ids.labelId}
        aria-describedby={ids.describedBy}
      >
        {options.map((option) => (
          <button
            type="button"
            key={String(option)}
            aria-pressed={current === option}
            data-default={value === undefined && current === option ? '' : undefined}
            onClick={() => slot.write(option)}
          >
            {optionWords(option, schema)}
          </button>
        ))}
      </div>
    )
  }
  const place = value === undefined ? '' : isKnown ? String(options.indexOf(value)) : 'other'
  const standard =
    schema.default === undefined || schema.default === null
      ? ''
      : optionWords(schema.default, schema)
  return (
    <select
      className="input"
      id={ids.id}
      aria-label={isKnown ? undefined : label}
      value={place}
      aria-describedby={ids.describedBy}
      aria-invalid={ids.isInvalid || !isKnown || undefined}
      onChange={(event) => {
        const chosen = event.target.value
        if (chosen !== 'other') slot.write(chosen === '' ? undefined : options[Number(chosen)])
      }}
    >
      {(schema['x-always'] !== true || value === undefined) && (
        <option value="">{unset || (standard ? `Default (${standard})` : 'Not set')}</option>
      )}
      {!isKnown && <option value="other">{showValue(value)}</option>}
      {options.map((option, at) => (
        <option key={String(option)} value={String(at)}>
          {optionWords(option, schema)}
        </option>
      ))}
    </select>
  )
}
