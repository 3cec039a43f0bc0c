/** A clip that is played, paused and sought in, with the time it is at. */

import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { Source } from '../../../run/source'
import type { Range } from './ranges'
import { clamp, stepFrames, thousandths, USUAL_RATE } from './time'

export interface Clip {
  /** The element that plays it. */
  readonly element: RefObject<HTMLVideoElement | null>
  /** Seconds; 0 until it is known. */
  readonly duration: number
  /** Pixels; 16 × 9 until it is known. */
  readonly width: number
  readonly height: number
  /** Frames a second. */
  readonly rate: number
  readonly time: number
  readonly isPlaying: boolean
  /** The reason that it cannot be shown, or "". */
  readonly problem: string
  readonly seek: (time: number) => void
  readonly toggle: () => void
  readonly pause: () => void
  /** Over frames, on their grid. */
  readonly step: (frames: number) => void
  readonly setRate: (rate: number) => void
  /** Play only this stretch, again and again; null: the whole clip. */
  readonly loop: (range: Range | null) => void
  readonly handlers: Handlers
}

interface Handlers {
  readonly onLoadedMetadata: () => void
  readonly onDurationChange: () => void
  readonly onSeeked: () => void
  readonly onPlay: () => void
  readonly onPause: () => void
  readonly onError: () => void
}

/** A thousandth in, so that a frame's own time shows that frame and not the one before. */
const INTO_FRAME = 0.001
/** Behind the end of any clip that is taken here. */
const FAR_AWAY_S = 100_000

export function useClip(source: Source): Clip {
  const element = useRef<HTMLVideoElement | null>(null)
  const [facts, setFacts] = useState({
    duration: source.duration ?? 0,
    width: source.width ?? 16,
    height: source.height ?? 9,
  })
  const [rate, setRate] = useState(USUAL_RATE)
  const [time, setTime] = useState(0)
  const [isPlaying, setPlaying] = useState(false)
  const [problem, setProblem] = useState('')
  const stretch = useRef<Range | null>(null)
  // While one seek is under way, only the newest of those asked for meanwhile is done after it.
  const target = useRef<number | null>(null)
  const isMeasuring = useRef(false)
  const { duration } = facts

  const goTo = useCallback((to: number) => {
    const video = element.current
    if (!video) return
    if (video.seeking) target.current = to
    else video.currentTime = to + INTO_FRAME
  }, [])

  const seek = useCallback(
    (to: number) => {
      const at = thousandths(clamp(to, 0, duration))
      setTime(at)
      goTo(at)
    },
    [duration, goTo],
  )

  useFollow(element, stretch, isPlaying, setTime)

  const handlers = useMemo<Handlers>(
    () => ({
      onLoadedMetadata: () => {
        const video = element.current
        if (!video) return
        setFacts((known) => factsOf(video, known))
        // What browsers record says no length: they know it once they were at its end.
        if (video.duration === Number.POSITIVE_INFINITY) {
          isMeasuring.current = true
          video.currentTime = FAR_AWAY_S
        }
      },
      onDurationChange: () => {
        const video = element.current
        if (!video || !isMeasuring.current || !Number.isFinite(video.duration)) return
        isMeasuring.current = false
        setFacts((known) => factsOf(video, known))
        video.currentTime = 0
      },
      onSeeked: () => {
        const next = target.current
        target.current = null
        if (next !== null) goTo(next)
      },
      onPlay: () => setPlaying(true),
      onPause: () => setPlaying(false),
      onError: () => setProblem(`Your browser can't play this ${source.kind}.`),
    }),
    [goTo, source.kind],
  )

  const pause = useCallback(() => element.current?.pause(), [])
  const toggle = useCallback(() => playOrPause(element.current, stretch.current), [])
  const step = (frames: number) => {
    pause()
    seek(stepFrames(time, frames, rate))
  }
  const loop = useCallback((range: Range | null) => {
    stretch.current = range
  }, [])

  return {
    element,
    ...facts,
    rate,
    time,
    isPlaying,
    problem,
    seek,
    toggle,
    pause,
    step,
    setRate,
    loop,
    handlers,
  }
}

interface Facts {
  readonly duration: number
  readonly width: number
  readonly height: number
}

/** Return the facts that the browser has of a clip, else the earlier ones. */
function factsOf(video: HTMLVideoElement, known: Facts): Facts {
  return {
    duration: Number.isFinite(video.duration) ? thousandths(video.duration) : known.duration,
    width: video.videoWidth || known.width,
    height: video.videoHeight || known.height,
  }
}

/** While it plays: the time of each frame, and round again at the end of the stretch. */
function useFollow(
  element: RefObject<HTMLVideoElement | null>,
  stretch: RefObject<Range | null>,
  isPlaying: boolean,
  onTime: (time: number) => void,
): void {
  useEffect(() => {
    if (!isPlaying) return
    let frame = 0
    const follow = () => {
      const video = element.current
      if (video) {
        const bounds = stretch.current
        const isOut =
          bounds && (video.currentTime >= bounds.end || video.currentTime < bounds.start - 0.05)
        if (bounds && isOut) video.currentTime = bounds.start + INTO_FRAME
        onTime(thousandths(Math.min(video.currentTime, video.duration || 0)))
      }
      frame = requestAnimationFrame(follow)
    }
    frame = requestAnimationFrame(follow)
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, element, stretch, onTime])
}

function playOrPause(video: HTMLVideoElement | null, bounds: Range | null): void {
  if (!video) return
  if (!video.paused) {
    video.pause()
    return
  }
  const isOut = bounds && (video.currentTime < bounds.start || video.currentTime >= bounds.end)
  if (bounds && isOut) video.currentTime = bounds.start + INTO_FRAME
  // A pause right after it, as when the window closes, is no fault.
  video.play().catch(() => undefined)
}
