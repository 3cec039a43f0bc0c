import { Magnet, Pause, Play, Repeat, StepBack, StepForward, ZoomIn, ZoomOut } from 'lucide-react'
import type { CSSProperties, MouseEvent, ReactNode } from 'react'
import type { Source } from '../source'
import { toPlayhead } from './Track'
import { timecode } from './time'
import type { Clip } from './useClip'

interface Props {
  source: Source
  clip: Clip
  /** Over the picture, in its own box. */
  children?: ReactNode
}

/** The clip's picture, as large as there is room, with what is drawn over it. */
export function ClipView({ source, clip, children }: Props) {
  const isSound = source.kind === 'audio'
  const ratio = clip.width / clip.height
  return (
    <div className={`clip-fit${isSound ? ' is-sound' : ''}`}>
      <div className="clip-stage" style={{ '--ratio': ratio } as CSSProperties}>
        <video
          ref={clip.element}
          src={source.url}
          aria-label={source.from.title || (isSound ? 'Audio' : 'Video')}
          preload="auto"
          playsInline
          onClick={(event) => {
            clip.toggle()
            toPlayhead(event.currentTarget)
          }}
          {...clip.handlers}
        />
        {children}
      </div>
      {clip.problem && (
        <p className="note note-bad" role="alert">
          {clip.problem}
        </p>
      )}
    </div>
  )
}

interface BarProps {
  clip: Clip
  /** Whether what is dragged snaps to seconds, cuts and edges. */
  isSnapping: boolean
  onSnapping: (isOn: boolean) => void
  zoom: number
  onZoom: (zoom: number) => void
  isLooping?: boolean
  onLooping?: (isOn: boolean) => void
  children?: ReactNode
}

export const MOST_ZOOM = 16

/**
 * Play, go by frames, the current time; and how the timeline behaves. A click here leaves the keyboard
 * on the playhead, so that Enter is the tool's and does not press the same button again.
 */
export function ClipBar(props: BarProps) {
  const { clip, zoom, onZoom, isSnapping, onSnapping, isLooping, onLooping } = props
  const onClick = ({ detail, target, currentTarget }: MouseEvent<HTMLElement>) => {
    // Keys press with no click count; their button keeps them.
    if (detail > 0 && (target as Element).closest('button')) toPlayhead(currentTarget)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: what pointers leave behind; the buttons have keys
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons, not fields of a form
    <div className="clip-bar" role="group" aria-label="Player" onClick={onClick}>
      <button
        type="button"
        className="btn btn-icon"
        aria-label="Previous frame"
        title="Previous frame (←)"
        onClick={() => clip.step(-1)}
      >
        <StepBack className="i" aria-hidden />
      </button>
      <button
        type="button"
        className="btn btn-icon"
        aria-label={clip.isPlaying ? 'Pause' : 'Play'}
        title={clip.isPlaying ? 'Pause (Space)' : 'Play (Space)'}
        onClick={clip.toggle}
      >
        {clip.isPlaying ? (
          <Pause className="i i-fill" aria-hidden />
        ) : (
          <Play className="i i-fill" aria-hidden />
        )}
      </button>
      <button
        type="button"
        className="btn btn-icon"
        aria-label="Next frame"
        title="Next frame (→)"
        onClick={() => clip.step(1)}
      >
        <StepForward className="i" aria-hidden />
      </button>
      <span className="clip-time num">
        <b>{timecode(clip.time)}</b> / {timecode(clip.duration)}
      </span>
      {props.children}
      <span className="clip-ways">
        {onLooping && (
          <button
            type="button"
            className="btn btn-icon btn-bare"
            aria-label="Loop selection"
            aria-pressed={isLooping}
            title="Loop selection (L)"
            onClick={() => onLooping(!isLooping)}
          >
            <Repeat className="i" aria-hidden />
          </button>
        )}
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Snap to seconds, cuts and edges"
          aria-pressed={isSnapping}
          title="Snap to seconds, cuts and edges (hold Alt to turn off)"
          onClick={() => onSnapping(!isSnapping)}
        >
          <Magnet className="i" aria-hidden />
        </button>
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Zoom out timeline"
          title="Zoom out timeline"
          aria-disabled={zoom <= 1 || undefined}
          onClick={() => onZoom(Math.max(1, zoom / 2))}
        >
          <ZoomOut className="i" aria-hidden />
        </button>
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Zoom in timeline"
          title="Zoom in timeline"
          aria-disabled={zoom >= MOST_ZOOM || undefined}
          onClick={() => onZoom(Math.min(MOST_ZOOM, zoom * 2))}
        >
          <ZoomIn className="i" aria-hidden />
        </button>
      </span>
    </div>
  )
}
