/** Lines of subtitles and what can be done with them. Times in seconds. */

import { clamp, thousandths } from '../film/time'

export interface Cue {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The shortest that a line is, and how long a new one does. */
export const LEAST = 0.2
const USUAL = 2
/** Signs a second from which on most people cannot follow. */
export const FASTEST = 20

export function byTime(cues: readonly Cue[]): Cue[] {
  return [...cues].sort((one, other) => one.start - other.start || one.end - other.end)
}

/** Signs a second; spaces count, line breaks do not. */
export function speedOf({ start, end, text }: Cue): number {
  const signs = [...text.replace(/\s+/g, ' ').trim()].length
  return end > start ? signs / (end - start) : signs > 0 ? Number.POSITIVE_INFINITY : 0
}

export type Doubt = 'overlap' | 'fast' | 'empty' | 'late' | 'backwards'

/** List the doubts about each line, as it is among the others. */
export function doubtsOf(cues: readonly Cue[], duration: number): Doubt[][] {
  return cues.map((cue, at) => {
    const doubts: Doubt[] = []
    if (cue.end <= cue.start) doubts.push('backwards')
    else if (duration > 0 && cue.start >= duration) doubts.push('late')
    const meets = cues.some(
      (other, place) => place !== at && other.start < cue.end && cue.start < other.end,
    )
    if (meets) doubts.push('overlap')
    if (cue.text.trim() === '') doubts.push('empty')
    else if (cue.end > cue.start && speedOf(cue) > FASTEST) doubts.push('fast')
    return doubts
  })
}

export function doubtWords(doubt: Doubt, cue: Cue): string {
  switch (doubt) {
    case 'overlap':
      return 'Overlaps another line.'
    case 'fast':
      return `${Math.round(speedOf(cue))} characters per second. Over ${FASTEST} is hard to read.`
    case 'empty':
      return 'Empty.'
    case 'late':
      return 'Starts after the video ends.'
    case 'backwards':
      return 'Ends before it starts.'
  }
}

/** The lines after an addition, a change or a removal, and the line to go on with. */
export interface Changed {
  readonly cues: readonly Cue[]
  readonly at: number
}

function changeTo(cues: readonly Cue[], chosen: Cue | undefined): Changed {
  const inOrder = byTime(cues)
  return { cues: inOrder, at: chosen ? inOrder.indexOf(chosen) : -1 }
}

/** The line that is at a time; of several, the one that began last. */
export function cueAt(cues: readonly Cue[], time: number): number {
  return cues.findLastIndex((cue) => cue.start <= time && time < cue.end)
}

/** A new line from a time on: up to the next one, the clip's end or two seconds. */
export function addAt(cues: readonly Cue[], time: number, duration: number, text = ''): Changed {
  const end = duration > 0 ? duration : Number.POSITIVE_INFINITY
  const start = thousandths(clamp(time, 0, end - LEAST))
  const next = Math.min(end, ...cues.map((cue) => cue.start).filter((other) => other > start))
  const room = next - start >= LEAST * 2 ? next : end
  const newCue: Cue = { start, end: thousandths(Math.min(start + USUAL, room)), text }
  return changeTo([...cues, newCue], newCue)
}

/** Two lines of one: at a time inside of it, the words parted near the same share of them. */
export function splitAt(cues: readonly Cue[], at: number, time: number): Changed | null {
  const cue = cues[at]
  if (!cue) return null
  const isInside = time >= cue.start + LEAST && time <= cue.end - LEAST
  const when = isInside ? thousandths(time) : thousandths((cue.start + cue.end) / 2)
  if (when - cue.start < LEAST || cue.end - when < LEAST) return null
  const [one, other] = partWords(cue.text, (when - cue.start) / (cue.end - cue.start))
  const first = { ...cue, end: when, text: one }
  const second = { ...cue, start: when, text: other }
  return changeTo([...cues.slice(0, at), first, second, ...cues.slice(at + 1)], second)
}

/** Words parted at the gap that is nearest to a share of them. */
export function partWords(text: string, share: number): [string, string] {
  const words = text.trim().split(/\s+/).filter(Boolean)
  if (words.length < 2) return [text.trim(), '']
  const whole = words.join(' ').length
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (let count = 1; count < words.length; count += 1) {
    const off = Math.abs(words.slice(0, count).join(' ').length / whole - share)
    if (off < least) {
      least = off
      best = count
    }
  }
  return [words.slice(0, best).join(' '), words.slice(best).join(' ')]
}

/** A line and the next one as one, over both of their times. */
export function mergeNext(cues: readonly Cue[], at: number): Changed | null {
  const cue = cues[at]
  const next = cues[at + 1]
  if (!cue || !next) return null
  const text = [cue.text.trim(), next.text.trim()].filter(Boolean).join(' ')
  const whole = { start: cue.start, end: Math.max(cue.end, next.end), text }
  return changeTo([...cues.slice(0, at), whole, ...cues.slice(at + 2)], whole)
}

export function removeAt(cues: readonly Cue[], at: number): Changed {
  const rest = cues.filter((_, place) => place !== at)
  return { cues: rest, at: Math.min(at, rest.length - 1) }
}

/** Other times for a line: within the clip and no shorter than a line may be. */
export function retime(
  cues: readonly Cue[],
  at: number,
  times: { readonly start?: number; readonly end?: number },
  duration: number,
): Changed {
  const cue = cues[at]
  if (!cue) return { cues, at }
  const most = duration > 0 ? duration : Number.POSITIVE_INFINITY
  const isBoth = times.start !== undefined && times.end !== undefined
  let { start, end } = cue
  if (isBoth) {
    const length = (times.end ?? end) - (times.start ?? start)
    start = clamp(times.start ?? start, 0, most - length)
    end = start + length
  } else if (times.start !== undefined) start = clamp(times.start, 0, end - LEAST)
  else if (times.end !== undefined) end = clamp(times.end, start + LEAST, most)
  const newCue = { ...cue, start: thousandths(start), end: thousandths(end) }
  return changeTo([...cues.slice(0, at), newCue, ...cues.slice(at + 1)], newCue)
}

export function rewrite(cues: readonly Cue[], at: number, text: string): Cue[] {
  return cues.map((cue, place) => (place === at ? { ...cue, text } : cue))
}
