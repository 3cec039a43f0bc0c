import { useId } from 'react'
import type { Json, Tool } from '../../../api/schema'
import { ColourField } from '../film/ColourField'
import { TimeField } from '../film/TimeField'
import { clamp } from '../film/time'
import { More } from './MoreFields'
import {
  FONT,
  kindOf,
  LEAST_SECONDS,
  type Overlay,
  placingFields,
  timeFields,
  WIDTH,
} from './overlays'
import type { Pictures } from './pictures'
import type { Place } from './placing'

interface Props {
  tool: Tool
  /** The overlay as it is in the document. */
  given: Json
  overlay: Overlay
  pictures: Pictures
  /** The place of its picture among them. */
  place: number
  times: { readonly start: number; readonly end: number }
  duration: number
  rate: number
  /** burst: one of several that are one undo step. */
  onWrite: (fields: Readonly<Record<string, Json | undefined>>, burst?: boolean) => void
  onLeave: () => void
  onBring: (kind: 'image' | 'clip') => void
}

/** Everything about one overlay that dragging does not set. */
export function OverlayFields(props: Props) {
  const { overlay, times, duration, rate, onWrite, onLeave } = props
  const isText = overlay.kind === 'text'
  const time = (next: { start: number; end: number }) => onWrite(timeFields(next, duration), true)
  return (
    <section className="over-fields" aria-label="Selected overlay">
      {isText ? <TextForm {...props} /> : <WhichPicture {...props} />}
      {!(overlay.isCover && !isText) && <Places {...props} />}
      {isText ? (
        <Slide
          label="Size (% of height)"
          unit="%"
          value={overlay.fontSizePct}
          least={FONT.least}
          most={FONT.most}
          step={0.5}
          onChange={(value) => onWrite({ fontSizePct: value }, true)}
          onLeave={onLeave}
        />
      ) : (
        !overlay.isCover && (
          <Slide
            label="Width (% of frame)"
            unit="%"
            value={overlay.widthPct}
            least={WIDTH.least}
            most={WIDTH.most}
            step={1}
            onChange={(value) => onWrite({ widthPct: value }, true)}
            onLeave={onLeave}
          />
        )
      )}
      {!isText && (
        <Slide
          label="Opacity"
          unit="%"
          value={Math.round(overlay.opacity * 100)}
          least={0}
          most={100}
          step={1}
          onChange={(value) => onWrite({ opacity: value / 100 }, true)}
          onLeave={onLeave}
        />
      )}
      <div className="time-fields">
        <TimeField
          label="From"
          value={times.start}
          rate={rate}
          onChange={(start) =>
            time({ start: clamp(start, 0, times.end - LEAST_SECONDS), end: times.end })
          }
          onEnd={onLeave}
        />
        <TimeField
          label="To"
          value={times.end}
          rate={rate}
          onChange={(end) =>
            time({ start: times.start, end: clamp(end, times.start + LEAST_SECONDS, duration) })
          }
          onEnd={onLeave}
        />
      </div>
      {isText && <Ink {...props} />}
      <More {...props} />
    </section>
  )
}

function TextForm({ overlay, onWrite, onLeave }: Props) {
  const id = useId()
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        Text
      </label>
      <textarea
        className="input"
        id={id}
        rows={2}
        maxLength={2000}
        dir="auto"
        value={overlay.text}
        onChange={(event) => onWrite({ text: event.target.value }, true)}
        onBlur={onLeave}
      />
    </div>
  )
}

function WhichPicture({ overlay, pictures, place, onWrite, onBring }: Props) {
  const id = useId()
  const kind = kindOf(overlay) === 'clip' ? 'clip' : 'image'
  const choices = pictures[kind]
  return (
    <>
      <div className="field">
        <label className="label" htmlFor={id}>
          {kind === 'clip' ? 'Video' : 'Image'}
        </label>
        <span className="num-row">
          <select
            className="input"
            id={id}
            value={place < choices.length ? place : ''}
            onChange={(event) =>
              onWrite({
                [kind === 'clip' ? 'overlayVideoIndex' : 'sourceImageIndex']: Number(
                  event.target.value,
                ),
              })
            }
          >
            {place >= choices.length && <option value="">None yet</option>}
            {choices.map((picture, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is what is chosen
              <option key={at} value={at}>
                {at + 1}: {picture?.title || 'connected'}
              </option>
            ))}
          </select>
          <button type="button" className="btn btn-s" onClick={() => onBring(kind)}>
            Add another
          </button>
        </span>
      </div>
      <div className="field">
        <span className="label" id={`${id}f`}>
          Fit
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a segment */}
        <div className="segmented" role="group" aria-labelledby={`${id}f`}>
          <button
            type="button"
            aria-pressed={!overlay.isCover}
            onClick={() => onWrite({ fit: undefined })}
          >
            Keep proportions
          </button>
          <button
            type="button"
            aria-pressed={overlay.isCover}
            onClick={() => onWrite({ fit: 'cover' })}
          >
            Fill frame
          </button>
        </div>
      </div>
    </>
  )
}

const ROWS: readonly (readonly (Place | null)[])[] = [
  ['top-left', 'top-center', 'top-right'],
  [null, 'center', null],
  ['bottom-left', 'bottom-center', 'bottom-right'],
]

const AT_REST = { offsetX: null, offsetY: null, xPct: null, yPct: null }

/** The seven positions, laid out as on the frame; the pixels from the edges beside them. */
function Places({ overlay, onWrite, onLeave }: Props) {
  const id = useId()
  const pixels = (name: 'offsetX' | 'offsetY', label: string) => (
    <span className="time-field">
      <label htmlFor={`${id}${name}`}>{label}</label>
      <input
        className="input num"
        id={`${id}${name}`}
        type="number"
        step={1}
        placeholder="Default"
        value={overlay[name] ?? ''}
        onChange={(event) => {
          const { value } = event.target
          const number = Number(value)
          if (value === '') onWrite({ [name]: undefined }, true)
          else if (Number.isFinite(number)) onWrite({ [name]: number }, true)
        }}
        onBlur={onLeave}
      />
    </span>
  )
  const isFree = overlay.xPct !== null || overlay.yPct !== null
  const [column, row] = [overlay.position.split('-')[1], overlay.position.split('-')[0]]
  return (
    <div className="over-where">
      {/* biome-ignore lint/a11y/useSemanticElements: buttons that lie as the places do */}
      <div className="over-places" role="group" aria-label="Position">
        {ROWS.flat().map((place, at) =>
          place === null ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing but a gap
            <i key={at} aria-hidden="true" />
          ) : (
            <button
              type="button"
              key={place}
              aria-label={place.replace('-', ' ')}
              title={place.replace('-', ' ')}
              aria-pressed={!isFree && overlay.position === place}
              onClick={() => onWrite(placingFields({ ...AT_REST, position: place }))}
            />
          ),
        )}
      </div>
      {!isFree && (
        <div className="time-fields">
          {column !== 'center' &&
            row !== 'center' &&
            pixels('offsetX', `Distance from ${column} (px)`)}
          {row !== 'center' && pixels('offsetY', `Distance from ${row} (px)`)}
        </div>
      )}
    </div>
  )
}

function Ink({ overlay, onWrite, onLeave }: Props) {
  const id = useId()
  const colour = (name: string, label: string, value: string | null, usual: string) => (
    <ColourField
      label={label}
      value={value}
      usual={usual}
      onChange={(next) => onWrite({ [name]: next }, true)}
      onEnd={onLeave}
    />
  )
  return (
    <div className="look-fields">
      {colour('color', 'Color', overlay.color, '#FFFFFF')}
      {colour('outlineColor', 'Outline', overlay.outlineColor, '#000000')}
      {colour('backgroundColor', 'Background', overlay.backgroundColor, '')}
      <div className="field">
        <span className="label" id={`${id}w`}>
          Weight
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a segment */}
        <div className="segmented" role="group" aria-labelledby={`${id}w`}>
          <button
            type="button"
            aria-pressed={!overlay.isBold}
            onClick={() => onWrite({ fontWeight: undefined })}
          >
            Normal
          </button>
          <button
            type="button"
            aria-pressed={overlay.isBold}
            onClick={() => onWrite({ fontWeight: 'bold' })}
          >
            Bold
          </button>
        </div>
      </div>
    </div>
  )
}

interface SlideProps {
  label: string
  unit: string
  value: number
  least: number
  most: number
  step: number
  onChange: (value: number) => void
  onLeave: () => void
}

/** A number that is slid or typed. */
function Slide({ label, unit, value, least, most, step, onChange, onLeave }: SlideProps) {
  const id = useId()
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      <span className="num-row">
        <input
          className="slider"
          type="range"
          id={id}
          min={least}
          max={most}
          step={step}
          value={value}
          onChange={(event) => onChange(Number(event.target.value))}
          onPointerUp={onLeave}
          onBlur={onLeave}
        />
        <span className="num">
          {value} {unit}
        </span>
      </span>
    </div>
  )
}
