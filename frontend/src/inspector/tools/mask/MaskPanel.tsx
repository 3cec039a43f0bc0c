import {
  Brush as BrushIcon,
  Contrast,
  Eraser,
  Lasso,
  type LucideIcon,
  PaintBucket,
  SquareDashed,
  Trash2,
} from 'lucide-react'
import { useState } from 'react'
import type { Size } from '../../../parts/mediaTool/view'
import { Fold } from '../../Fold'
import { usePainted } from './Painting'
import type { Paint } from './paint'
import { type Brush, COLOURS, LARGEST, type Shape, SMALLEST } from './tools'

interface Props {
  size: Size
  paint: Paint
  brush: Brush
  onBrush: (brush: Brush) => void
}

const SHAPES: readonly { id: Shape; label: string; key: string; Icon: LucideIcon }[] = [
  { id: 'brush', label: 'Brush', key: 'B', Icon: BrushIcon },
  { id: 'eraser', label: 'Eraser', key: 'E', Icon: Eraser },
  { id: 'lasso', label: 'Lasso', key: 'L', Icon: Lasso },
  { id: 'rectangle', label: 'Rectangle', key: 'R', Icon: SquareDashed },
]

/** The brush, the actions on the whole mask, and how it is seen. */
export function MaskPanel({ size, paint, brush, onBrush }: Props) {
  usePainted(paint)
  const longer = Math.max(size.width, size.height)
  const isRound = brush.shape === 'brush' || brush.shape === 'eraser'
  return (
    <div className="tool-side">
      <Shapes brush={brush} onBrush={onBrush} />
      {isRound ? (
        <Slider
          label="Size"
          hint="[ and ]"
          value={brush.size}
          min={SMALLEST}
          max={LARGEST}
          said={`${Math.max(1, Math.round((brush.size / 1000) * longer))} px`}
          onChange={(next) => onBrush({ ...brush, size: next })}
        />
      ) : (
        <fieldset className="segmented" aria-label="Mode">
          {[false, true].map((erases) => (
            <button
              key={String(erases)}
              type="button"
              aria-pressed={brush.erases === erases}
              onClick={() => onBrush({ ...brush, erases })}
            >
              {erases ? 'Subtract' : 'Add'}
            </button>
          ))}
        </fieldset>
      )}
      <Slider
        label="Feather"
        value={Math.round(paint.feather)}
        min={0}
        max={Math.max(8, Math.round(longer / 20))}
        said={paint.feather === 0 ? 'Sharp' : `${Math.round(paint.feather)} px`}
        onChange={(width) => paint.soften(width)}
      />
      <fieldset className="mask-actions" aria-label="Whole mask">
        <Act Icon={PaintBucket} label="Fill inside" onClick={paint.fillInside} />
        <Act Icon={Contrast} label="Invert" onClick={paint.invert} />
        <Act Icon={Trash2} label="Clear" onClick={paint.clear} />
      </fieldset>
      <ByNumbers size={size} paint={paint} />
      <Look brush={brush} onBrush={onBrush} />
    </div>
  )
}

type BrushProps = Pick<Props, 'brush' | 'onBrush'>

function Shapes({ brush, onBrush }: BrushProps) {
  return (
    <fieldset className="mask-shapes" aria-label="Tool">
      {SHAPES.map(({ id, label, key, Icon }) => (
        <button
          key={id}
          type="button"
          aria-pressed={brush.shape === id}
          title={`${label} (${key})`}
          onClick={() => onBrush({ ...brush, shape: id })}
        >
          <Icon className="i" aria-hidden />
          {label}
        </button>
      ))}
    </fieldset>
  )
}

/** The color and opacity in which the mask is seen. */
function Look({ brush, onBrush }: BrushProps) {
  return (
    <div className="mask-look">
      <fieldset className="hues" aria-label="Overlay color">
        {COLOURS.map(({ name, value }) => (
          <button
            key={value}
            type="button"
            className="hue"
            aria-label={name}
            title={name}
            aria-pressed={brush.colour === value}
            style={{ background: value }}
            onClick={() => onBrush({ ...brush, colour: value })}
          />
        ))}
      </fieldset>
      <Slider
        label="Opacity"
        value={Math.round(brush.opacity * 100)}
        min={10}
        max={100}
        said={`${Math.round(brush.opacity * 100)}%`}
        onChange={(next) => onBrush({ ...brush, opacity: next / 100 })}
      />
    </div>
  )
}

interface ActProps {
  Icon: LucideIcon
  label: string
  onClick: () => void
}

function Act({ Icon, label, onClick }: ActProps) {
  return (
    <button type="button" className="btn btn-s" onClick={onClick}>
      <Icon className="i i-14" aria-hidden />
      {label}
    </button>
  )
}

interface SliderProps {
  label: string
  hint?: string
  value: number
  min: number
  max: number
  /** The value in words. */
  said: string
  onChange: (value: number) => void
}

function Slider({ label, hint, value, min, max, said, onChange }: SliderProps) {
  return (
    <label className="tool-slider" title={hint && `${label} (${hint})`}>
      <span>{label}</span>
      <output className="num">{said}</output>
      <input
        type="range"
        className="slider"
        aria-label={label}
        aria-valuetext={said}
        min={min}
        max={max}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  )
}

const SIDES = ['Left', 'Top', 'Width', 'Height'] as const
type Side = (typeof SIDES)[number]

/** A rectangle by its numbers: for those who paint without a pointer, and for exact ones. */
function ByNumbers({ size, paint }: { size: Size; paint: Paint }) {
  const [numbers, setNumbers] = useState<Record<Side, number>>({
    Left: 25,
    Top: 25,
    Width: 50,
    Height: 50,
  })
  const put = (erases: boolean) => {
    const across = size.width / 100
    const down = size.height / 100
    const from = { x: numbers.Left * across, y: numbers.Top * down }
    const to = { x: from.x + numbers.Width * across, y: from.y + numbers.Height * down }
    paint.region(from, to, erases)
  }
  return (
    <Fold title="Region by numbers">
      <div className="pair">
        {SIDES.map((side) => (
          <label key={side} className="mask-number">
            <span>{side}</span>
            <span className="unit-box">
              <input
                type="number"
                className="input"
                min={0}
                max={100}
                step="any"
                value={numbers[side]}
                onChange={(event) =>
                  setNumbers({ ...numbers, [side]: Number(event.target.value) || 0 })
                }
              />
              <span className="unit" aria-hidden>
                %
              </span>
            </span>
          </label>
        ))}
      </div>
      <span className="mask-numbers-end">
        <button type="button" className="btn btn-s" onClick={() => put(false)}>
          Add
        </button>
        <button type="button" className="btn btn-s" onClick={() => put(true)}>
          Subtract
        </button>
      </span>
    </Fold>
  )
}
