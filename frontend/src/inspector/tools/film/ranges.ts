/** A stretch of a clip and what a hand does to it. All in seconds. */

import { clamp, thousandths } from './time'

export interface Range {
  readonly start: number
  readonly end: number
}

export interface Bounds {
  readonly duration: number
  /** The shortest and the longest it may be. */
  readonly least: number
  readonly most: number
}

export function lengthOf({ start, end }: Range): number {
  return thousandths(end - start)
}

/** A time as a tool means it: negative ones count from the end. */
export function fromEnd(time: number, duration: number): number {
  return time < 0 ? Math.max(0, duration + time) : time
}

function rangeOf(start: number, end: number): Range {
  return { start: thousandths(start), end: thousandths(end) }
}

/** Fit the range that the document has onto a clip: inside of it, and as long as it must be. */
export function fitRange(range: Range, bounds: Bounds): Range {
  const { duration } = bounds
  const start = clamp(fromEnd(range.start, duration), 0, duration)
  const end = clamp(fromEnd(range.end, duration), 0, duration)
  if (end - start >= Math.min(bounds.least, duration)) return rangeOf(start, end)
  const from = Math.max(0, Math.min(start, duration - bounds.least))
  return rangeOf(from, Math.min(duration, from + bounds.least))
}

export function moveStart(range: Range, to: number, { least, most }: Bounds): Range {
  return rangeOf(clamp(to, Math.max(0, range.end - most), range.end - least), range.end)
}

export function moveEnd(range: Range, to: number, { duration, least, most }: Bounds): Range {
  const furthest = Math.min(duration, range.start + most)
  return rangeOf(range.start, clamp(to, Math.min(range.start + least, furthest), furthest))
}

/** Both ends by as much, as far as there is room. */
export function moveBoth(range: Range, to: number, { duration }: Bounds): Range {
  const length = range.end - range.start
  const start = clamp(to, 0, duration - length)
  return rangeOf(start, start + length)
}

/** Begin here. A place behind the end takes the end along. A clip of unknown length has no places. */
export function setIn(range: Range, at: number, bounds: Bounds): Range {
  if (bounds.duration <= 0) return range
  if (at <= range.end - bounds.least) return moveStart(range, at, bounds)
  return moveBoth(range, at, bounds)
}

/** End here. A place before the start takes the start along. */
export function setOut(range: Range, at: number, bounds: Bounds): Range {
  if (bounds.duration <= 0) return range
  if (at >= range.start + bounds.least) return moveEnd(range, at, bounds)
  return moveBoth(range, at - (range.end - range.start), bounds)
}

/** Another length from the same start. */
export function setLength(range: Range, length: number, bounds: Bounds): Range {
  return moveEnd(range, range.start + length, bounds)
}
