/** Pictures of a clip, drawn in the browser from an element of its own. */

import { cutsBetween, isOfFirst, type Look } from './cuts'
import { thousandths } from './time'

/** Rates that clips have; what was counted is the nearest of them. */
const RATES = [12, 15, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 120]
const COUNTED = 8
const COUNT_MS = 1_500
/** A picture small enough to compare, in pixels. */
const SMALL = { width: 16, height: 9 }

export interface Reading {
  /** A picture was drawn. canvas: of `height` pixels. */
  onTile: (at: number, canvas: HTMLCanvasElement) => void
  onRate: (rate: number) => void
  /** Seconds at which the clip cuts. */
  onCuts: (cuts: number[]) => void
}

/**
 * The nearest usual rate to times between frames that were shown, in seconds. A busy machine passes
 * over some, so that the shorter times count.
 */
export function rateOf(gaps: readonly number[]): number | null {
  const real = gaps.filter((gap) => gap > 0.001).sort((one, other) => one - other)
  const short = real[Math.floor(real.length / 4)]
  if (short === undefined) return null
  const rate = 1 / short
  return RATES.reduce((best, known) =>
    Math.abs(known - rate) < Math.abs(best - rate) ? known : best,
  )
}

/**
 * Draw `count` pictures at equal distances and look for cuts between them. Stops when the signal
 * aborts; what cannot be drawn is left out.
 */
export async function readFilm(
  url: string,
  count: number,
  height: number,
  { onTile, onRate, onCuts }: Reading,
  signal: AbortSignal,
): Promise<void> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.playsInline = true
  video.src = url
  const leave = () => {
    video.removeAttribute('src')
    video.load()
  }
  signal.addEventListener('abort', leave, { once: true })
  try {
    await eventOf(video, 'loadeddata', signal)
    const rate = await countRate(video, signal)
    if (rate !== null) onRate(rate)
    const { duration } = video
    const looks: Look[] = []
    const times: number[] = []
    for (let at = 0; at < count; at += 1) {
      const time = ((at + 0.5) / count) * duration
      await seekTo(video, time, signal)
      onTile(at, draw(video, height))
      looks.push(small(video))
      times.push(time)
    }
    const cuts: number[] = []
    for (const at of cutsBetween(looks)) {
      const between = [times[at] ?? 0, times[at + 1] ?? duration] as const
      const shots = [looks[at] ?? [], looks[at + 1] ?? []] as const
      cuts.push(await findCut(video, between, shots, 1 / (rate ?? 24), signal))
    }
    onCuts(cuts)
  } catch (problem) {
    if (!signal.aborted) throw problem
  } finally {
    signal.removeEventListener('abort', leave)
    leave()
  }
}

/** The first frame of the second shot, by halving what lies between two pictures. */
async function findCut(
  video: HTMLVideoElement,
  [from, to]: readonly [number, number],
  [first, second]: readonly [Look, Look],
  frame: number,
  signal: AbortSignal,
): Promise<number> {
  let before = Math.floor(from / frame)
  let after = Math.ceil(to / frame)
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    await seekTo(video, (middle + 0.5) * frame, signal)
    if (isOfFirst(small(video), first, second)) before = middle
    else after = middle
  }
  return thousandths(after * frame)
}

/** Play a few frames and see how far apart they are. */
function countRate(video: HTMLVideoElement, signal: AbortSignal): Promise<number | null> {
  if (typeof video.requestVideoFrameCallback !== 'function') return Promise.resolve(null)
  return new Promise((resolve) => {
    const gaps: number[] = []
    let last: number | null = null
    const finish = () => {
      clearTimeout(timer)
      video.pause()
      resolve(rateOf(gaps))
    }
    const timer = setTimeout(finish, COUNT_MS)
    signal.addEventListener('abort', finish, { once: true })
    const next = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      if (last !== null) gaps.push(mediaTime - last)
      last = mediaTime
      if (gaps.length >= COUNTED || video.ended) finish()
      else video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
    video.play().catch(finish)
  })
}

function seekTo(video: HTMLVideoElement, time: number, signal: AbortSignal): Promise<void> {
  video.currentTime = time
  return video.seeking ? eventOf(video, 'seeked', signal) : Promise.resolve()
}

function eventOf(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (finish: () => void) => () => {
      video.removeEventListener(name, came)
      video.removeEventListener('error', fail)
      signal.removeEventListener('abort', fail)
      finish()
    }
    const came = end(resolve)
    const fail = end(() => reject(new Error("This video can't be read.")))
    video.addEventListener(name, came)
    video.addEventListener('error', fail)
    signal.addEventListener('abort', fail)
    if (signal.aborted) fail()
  })
}

function draw(video: HTMLVideoElement, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.height = height
  canvas.width = Math.max(1, Math.round((height * video.videoWidth) / (video.videoHeight || 1)))
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  return canvas
}

function small(video: HTMLVideoElement): Look {
  const canvas = document.createElement('canvas')
  canvas.width = SMALL.width
  canvas.height = SMALL.height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return []
  context.drawImage(video, 0, 0, SMALL.width, SMALL.height)
  return context.getImageData(0, 0, SMALL.width, SMALL.height).data
}
