import { useId } from 'react'

interface Props {
  label: string
  /** null: not said. */
  value: string | null
  /** The color that holds when none is set; '' if that is no color at all. */
  usual: string
  /** null takes it away. */
  onChange: (value: string | undefined) => void
  onEnd: () => void
}

/** A color, chosen or written as people write them. */
export function ColourField({ label, value, usual, onChange, onEnd }: Props) {
  const id = useId()
  return (
    <div className="field colour-field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <span className="num-row">
        <input
          type="color"
          className={(value ?? usual) === '' ? 'is-none' : undefined}
          aria-label={`Choose ${label.toLowerCase()}`}
          value={asHex(value ?? usual)}
          onChange={(event) => onChange(event.target.value.toUpperCase())}
          onBlur={onEnd}
        />
        <input
          className="input"
          id={id}
          maxLength={60}
          spellCheck={false}
          value={value ?? ''}
          placeholder={usual || 'None'}
          onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
          onBlur={onEnd}
        />
      </span>
    </div>
  )
}

/** A color as the browser's chooser has it: six digits. What it does not know is black. */
export function asHex(colour: string): string {
  if (/^#[0-9a-f]{6}$/i.test(colour)) return colour.toLowerCase()
  const context = document.createElement('canvas').getContext('2d')
  if (!context || colour.trim() === '') return '#000000'
  context.fillStyle = '#000000'
  context.fillStyle = colour
  const parsedColour = String(context.fillStyle)
  return /^#[0-9a-f]{6}$/i.test(parsedColour) ? parsedColour : '#000000'
}
