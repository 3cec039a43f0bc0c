import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { pressedKey } from '../../../frame/press'
import { drag } from './drag'
import { Filmstrip } from './Filmstrip'
import { marks, markWords, spokenTime, stepFrames } from './time'
import type { Clip } from './useClip'
import type { Film } from './useFilm'
import { Wave } from './Wave'

interface Props {
  film: Film
  /** Over the pictures: a range and its handles. */
  over?: ReactNode
  /** Below them. */
  lanes?: ReactNode
}

/** Give the keyboard to the playhead of the tool that an element is in: its keys are the tool's. */
export function toPlayhead(from: Element): void {
  const tool = from.closest('.film-tool')
  tool?.querySelector<HTMLElement>('.playhead')?.focus({ preventScroll: true })
}

/** CSS pixels between marks of the ruler, at least. */
const MARK_GAP = 64

/** The clip along its length: ruler, pictures, sound, playhead, and what belongs to a tool. */
export function Track({ film, over, lanes }: Props) {
  const { source, clip, zoom } = film
  const inner = useRef<HTMLDivElement>(null)
  const scroll = useRef<HTMLDivElement>(null)
  const { duration, time } = clip

  // The tool's keys work from the first moment on.
  useEffect(() => {
    if (inner.current) toPlayhead(inner.current)
  }, [])

  // The playhead stays in sight when the timeline is larger than its room.
  useLayoutEffect(() => {
    const box = scroll.current
    if (!box || duration === 0 || zoom === 1 || box.scrollWidth <= box.clientWidth) return
    const at = (time / duration) * box.scrollWidth
    const isIn = at >= box.scrollLeft && at <= box.scrollLeft + box.clientWidth
    if (!isIn) box.scrollLeft = at - box.clientWidth / 2
  }, [time, duration, zoom])

  const scrub = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const wasAt = ((event.clientX - box.left) / box.width) * duration
    clip.seek(wasAt)
    follow(event, clip, wasAt, box.width)
  }
  return (
    <div className="track" ref={scroll}>
      <div className="track-in" ref={inner} style={{ width: `${zoom * 100}%` }}>
        <div className="track-top">
          <div className="track-film" onPointerDown={scrub}>
            <Ruler duration={duration} />
            {source.kind === 'video' && (
              <Filmstrip
                url={source.url}
                ratio={clip.width / clip.height}
                onRate={clip.setRate}
                onCuts={film.setCuts}
              />
            )}
            <Wave url={source.url} duration={duration} />
            {film.cuts.map((at) => (
              <i key={at} className="track-cut" style={placeOf(at, duration)} aria-hidden="true" />
            ))}
          </div>
          {over}
        </div>
        {lanes}
        <Playhead clip={clip} />
      </div>
    </div>
  )
}

function placeOf(at: number, duration: number) {
  return { left: `${duration > 0 ? (at / duration) * 100 : 0}%` }
}

/** The clip goes along with a pointer that was pressed, from a time on. width: of it all. */
function follow(event: PointerEvent<HTMLElement>, clip: Clip, from: number, width: number): void {
  clip.pause()
  drag(event, {
    onMove: ({ x }) => clip.seek(from + (x / width) * clip.duration),
    onEnd: () => undefined,
  })
}

function Ruler({ duration }: { duration: number }) {
  const ruler = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(600)
  useEffect(() => {
    const box = ruler.current
    if (!box) return
    const observer = new ResizeObserver(() => setWidth(box.clientWidth))
    observer.observe(box)
    return () => observer.disconnect()
  }, [])
  return (
    <div className="track-ruler num" aria-hidden="true" ref={ruler}>
      {marks(duration, Math.max(2, Math.floor(width / MARK_GAP))).map((at) => (
        <span key={at} style={placeOf(at, duration)}>
          {markWords(at)}
        </span>
      ))}
    </div>
  )
}

function Playhead({ clip }: { clip: Clip }) {
  const { duration, time } = clip
  const onKeyDown = (event: KeyboardEvent) => {
    const key = pressedKey(event)
    const way = { ArrowLeft: -1, ArrowRight: 1 }[key]
    if (way !== undefined) clip.seek(event.shiftKey ? time + way : stepFrames(time, way, clip.rate))
    else if (key === 'Home') clip.seek(0)
    else if (key === 'End') clip.seek(duration)
    else return
    clip.pause()
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div
      className="playhead"
      role="slider"
      tabIndex={0}
      aria-label="Playhead"
      aria-valuemin={0}
      aria-valuemax={duration}
      aria-valuenow={time}
      aria-valuetext={spokenTime(time)}
      style={placeOf(time, duration)}
      onPointerDown={(event) => {
        const along = event.currentTarget.closest('.track-in')
        if (along) follow(event, clip, time, along.clientWidth)
      }}
      onKeyDown={onKeyDown}
    />
  )
}
