import {
  type LucideIcon,
  Magnet,
  Pause,
  Play,
  Repeat,
  StepBack,
  StepForward,
  ZoomIn,
  ZoomOut,
} from 'lucide-react'
import type { MouseEvent, ReactNode } from 'react'
import { toPlayhead } from './Track'
import { timecode } from './time'
import type { Film } from './useFilm'

interface Props {
  film: Film
  looping?: { isOn: boolean; set: (isOn: boolean) => void } | undefined
  children?: ReactNode
}

const MOST_ZOOM = 16

/**
 * Play, go by frames, the current time; and how the timeline behaves. A click here leaves the keyboard
 * on the playhead, so that Enter is the tool's and does not press the same button again.
 */
export function ClipBar({ film, looping, children }: Props) {
  const { clip, zoom, setZoom, isSnapping, setSnapping } = film
  const onClick = ({ detail, target, currentTarget }: MouseEvent<HTMLElement>) => {
    // Keys press with no click count; their button keeps them.
    if (detail > 0 && (target as Element).closest('button')) toPlayhead(currentTarget)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: what pointers leave behind; the buttons have keys
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons, not fields of a form
    <div className="clip-bar" role="group" aria-label="Player" onClick={onClick}>
      <Player film={film} />
      <span className="clip-time num">
        <b>{timecode(clip.time)}</b> / {timecode(clip.duration)}
      </span>
      {children}
      <span className="clip-ways">
        {looping && (
          <Way
            Icon={Repeat}
            label="Loop selection"
            keys="L"
            isPressed={looping.isOn}
            onClick={() => looping.set(!looping.isOn)}
          />
        )}
        <Way
          Icon={Magnet}
          label="Snap to seconds, cuts and edges"
          keys="hold Alt to turn off"
          isPressed={isSnapping}
          onClick={() => setSnapping(!isSnapping)}
        />
        <Way
          Icon={ZoomOut}
          label="Zoom out timeline"
          isOff={zoom <= 1}
          onClick={() => setZoom(Math.max(1, zoom / 2))}
        />
        <Way
          Icon={ZoomIn}
          label="Zoom in timeline"
          isOff={zoom >= MOST_ZOOM}
          onClick={() => setZoom(Math.min(MOST_ZOOM, zoom * 2))}
        />
      </span>
    </div>
  )
}

function Player({ film: { clip } }: { film: Film }) {
  const play = clip.isPlaying ? 'Pause' : 'Play'
  const PlayIcon = clip.isPlaying ? Pause : Play
  return (
    <>
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
        aria-label={play}
        title={`${play} (Space)`}
        onClick={clip.toggle}
      >
        <PlayIcon className="i i-fill" aria-hidden />
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
    </>
  )
}

interface WayProps {
  Icon: LucideIcon
  label: string
  /** Its key, or what a key does to it. */
  keys?: string
  isPressed?: boolean
  isOff?: boolean
  onClick: () => void
}

/** One way that the timeline behaves, on or off; or a step of its zoom. */
function Way({ Icon, label, keys, isPressed, isOff = false, onClick }: WayProps) {
  return (
    <button
      type="button"
      className="btn btn-icon btn-bare"
      aria-label={label}
      aria-pressed={isPressed}
      aria-disabled={isOff || undefined}
      title={keys ? `${label} (${keys})` : label}
      onClick={onClick}
    >
      <Icon className="i" aria-hidden />
    </button>
  )
}
