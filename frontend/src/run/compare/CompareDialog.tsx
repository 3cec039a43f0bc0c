import {
  Columns2,
  Maximize,
  Pause,
  Play,
  SquareSplitHorizontal,
  ZoomIn,
  ZoomOut,
} from 'lucide-react'
import { useRef, useState } from 'react'
import { ToolDialog } from '../../parts/mediaTool/ToolDialog'
import { FITTED, type Size, type View, zoomAt } from '../../parts/mediaTool/view'
import { InStep } from '../shared/inStep'
import { clock } from '../shared/time'
import { Look } from './Look'
import { Wipe } from './Wipe'

/** One of the two. */
export interface Side {
  readonly url: string
  readonly kind: 'image' | 'video'
  /** The title of its stage: "Still". */
  readonly title: string
}

interface Props {
  before: Side
  after: Side
  onClose: () => void
}

const STEP = 1.4

/** Before and after: one over the other with a divider, or side by side; enlarged and played in step. */
export function CompareDialog({ before, after, onClose }: Props) {
  const [isWipe, setWipe] = useState(true)
  const [view, setView] = useState<View>(FITTED)
  const [size, setSize] = useState<Size | null>(null)
  const room = useRef<Size>({ width: 1, height: 1 })
  const [inStep] = useState(() => new InStep())
  const zoom = (factor: number) => {
    const { width, height } = room.current
    setView(zoomAt(view, factor, { x: width / 2, y: height / 2 }, room.current))
  }
  const shared = { view, onView: setView, size, room }
  const first = <Look side={before} inStep={inStep} />
  const second = <Look side={after} inStep={inStep} onSize={setSize} isLead />
  return (
    <ToolDialog
      title="Before and after"
      about={before.title ? `${before.title}, then the result of ${after.title}.` : after.title}
      onClose={onClose}
      foot={
        <>
          <fieldset className="segmented" aria-label="View">
            <button type="button" aria-pressed={isWipe} onClick={() => setWipe(true)}>
              <SquareSplitHorizontal className="i i-14" aria-hidden />
              Wipe
            </button>
            <button type="button" aria-pressed={!isWipe} onClick={() => setWipe(false)}>
              <Columns2 className="i i-14" aria-hidden />
              Side by side
            </button>
          </fieldset>
          <span className="compare-zoom">
            <button
              type="button"
              className="btn btn-s btn-bare btn-icon"
              aria-label="Zoom out"
              onClick={() => zoom(1 / STEP)}
            >
              <ZoomOut className="i i-14" aria-hidden />
            </button>
            <output className="num" aria-label="Enlarged">
              {Math.round(view.zoom * 100)} %
            </output>
            <button
              type="button"
              className="btn btn-s btn-bare btn-icon"
              aria-label="Zoom in"
              onClick={() => zoom(STEP)}
            >
              <ZoomIn className="i i-14" aria-hidden />
            </button>
            <button
              type="button"
              className="btn btn-s btn-bare btn-icon"
              aria-label="Fit"
              onClick={() => setView(FITTED)}
            >
              <Maximize className="i i-14" aria-hidden />
            </button>
          </span>
          {after.kind === 'video' ? <Playing inStep={inStep} /> : <span className="tool-said" />}
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      <Wipe key={String(isWipe)} isWipe={isWipe} {...shared} before={first} after={second} />
    </ToolDialog>
  )
}

/** Both clips at once. */
function Playing({ inStep }: { inStep: InStep }) {
  const { time, duration, isPlaying } = inStep.useState()
  return (
    <span className="compare-play">
      <button
        type="button"
        className="btn btn-s btn-icon"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={() => inStep.toggle()}
      >
        {isPlaying ? (
          <Pause className="i i-14 i-fill" aria-hidden />
        ) : (
          <Play className="i i-14 i-fill" aria-hidden />
        )}
      </button>
      <input
        type="range"
        className="slider"
        aria-label="Time"
        aria-valuetext={`${clock(time)} of ${clock(duration)}`}
        min={0}
        max={duration || 1}
        step={0.01}
        value={time}
        onChange={(event) => inStep.seek(Number(event.target.value))}
      />
      <output className="num">{clock(time)}</output>
    </span>
  )
}
