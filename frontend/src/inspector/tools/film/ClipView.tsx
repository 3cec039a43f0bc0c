import { Magnet, Pause, Play, Repeat, StepBack, StepForward, ZoomIn, ZoomOut } from 'lucide-react'
import type { CSSProperties, ReactNode } from 'react'
import type { Source } from '../source'
import { timecode } from './time'
import type { Clip } from './useClip'

interface Props {
  source: Source
  clip: Clip
  /** Over the picture, in its own box. */
  children?: ReactNode
}

/** The clip's picture, as large as there is room, with whatever lies over it. */
export function ClipView({ source, clip, children }: Props) {
  const isSound = source.kind === 'audio'
  const ratio = clip.width / clip.height
  return (
    <div className={`clip-fit${isSound ? ' is-sound' : ''}`}>
      <div className="clip-stage" style={{ '--ratio': ratio } as CSSProperties}>
        <video
          ref={clip.element}
          src={source.url}
          aria-label={source.from.title || 'The clip'}
          preload="auto"
          playsInline
          onClick={clip.toggle}
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
  /** Whether what is dragged rests on seconds, cuts and edges. */
  isSnapping: boolean
  onSnapping: (isOn: boolean) => void
  zoom: number
  onZoom: (zoom: number) => void
  isLooping?: boolean
  onLooping?: (isOn: boolean) => void
  children?: ReactNode
}

export const MOST_ZOOM = 16

/** Play, go by frames, where it stands; and how the timeline behaves. */
export function ClipBar(props: BarProps) {
  const { clip, zoom, onZoom, isSnapping, onSnapping, isLooping, onLooping } = props
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons, not fields of a form
    <div className="clip-bar" role="group" aria-label="Player">
      <button
        type="button"
        className="btn btn-icon"
        aria-label="One frame back"
        title="One frame back (←)"
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
        aria-label="One frame on"
        title="One frame on (→)"
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
            aria-label="Play only the stretch, again and again"
            aria-pressed={isLooping}
            title="Loop the stretch (L)"
            onClick={() => onLooping(!isLooping)}
          >
            <Repeat className="i" aria-hidden />
          </button>
        )}
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Rest on seconds, cuts and edges"
          aria-pressed={isSnapping}
          title="Rest on seconds, cuts and edges. Hold Alt to do without."
          onClick={() => onSnapping(!isSnapping)}
        >
          <Magnet className="i" aria-hidden />
        </button>
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Show more of the timeline"
          title="Zoom out"
          aria-disabled={zoom <= 1 || undefined}
          onClick={() => onZoom(Math.max(1, zoom / 2))}
        >
          <ZoomOut className="i" aria-hidden />
        </button>
        <button
          type="button"
          className="btn btn-icon btn-bare"
          aria-label="Show less of the timeline, larger"
          title="Zoom in"
          aria-disabled={zoom >= MOST_ZOOM || undefined}
          onClick={() => onZoom(Math.min(MOST_ZOOM, zoom * 2))}
        >
          <ZoomIn className="i" aria-hidden />
        </button>
      </span>
    </div>
  )
}
