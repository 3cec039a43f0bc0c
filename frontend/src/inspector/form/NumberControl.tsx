import { endGesture } from '../../editor/actions'
import type { ControlProps } from './control'
import { numberProblem, rangeOf, sliderStep } from './schema'
import { Hint } from './TextControl'
import { useDraft } from './useDraft'

/** A number with its unit, and a slider where the range is one to slide over. */
export function NumberControl({ schema, slot, ids, label, unit, placeholder }: ControlProps) {
  const range = rangeOf(schema)
  const value = typeof slot.value === 'number' ? slot.value : undefined
  const draft = useDraft(
    value === undefined ? '' : String(value),
    (text) => {
      const number = Number(text)
      if (text.trim() === '') slot.write(undefined, { burst: true })
      // Out of range is kept, and said; what is no number at all waits for its other digits.
      else if (Number.isFinite(number)) slot.write(number, { burst: true })
    },
    (text, shown) => text.trim() !== '' && Number(text) === Number(shown),
  )
  const problem = value === undefined ? null : numberProblem(schema, value)
  const slid = value ?? (typeof schema.default === 'number' ? schema.default : range.min)
  return (
    <>
      <span className="num-row">
        {range.hasSlider && (
          <input
            type="range"
            className="slider"
            aria-label={`${label}, slider`}
            min={range.min}
            max={range.max}
            step={sliderStep(range)}
            value={Math.min(Math.max(slid ?? 0, range.min ?? 0), range.max ?? 0)}
            onChange={(event) => slot.write(Number(event.target.value), { burst: true })}
            onPointerUp={endGesture}
            onBlur={endGesture}
          />
        )}
        <span className="unit-box">
          <input
            type="number"
            className="input num"
            id={ids.id}
            min={range.min}
            max={range.max}
            step={range.step}
            value={draft.text}
            placeholder={placeholder}
            aria-describedby={ids.describedBy}
            aria-invalid={ids.isInvalid || problem !== null || undefined}
            onFocus={draft.onFocus}
            onBlur={draft.onBlur}
            onChange={(event) => {
              // "-" or "1e" reads as nothing: what is there stays until it is a number.
              if (!event.target.validity?.badInput) draft.onText(event.target.value)
            }}
          />
          {unit && <span className="unit">{unit}</span>}
        </span>
      </span>
      {draft.hint && <Hint text={draft.hint} />}
    </>
  )
}
