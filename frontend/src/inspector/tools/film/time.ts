/** Times on a clip, in seconds, kept to the thousandth. */

/** The frame rate of a clip until its frames were counted. */
export const USUAL_RATE = 24

/** To the thousandth, as the document keeps times. */
export function thousandths(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most))
}

/** "0:02.542", "1:02:05.000". */
export function timecode(seconds: number): string {
  const sign = seconds < 0 ? '−' : ''
  const all = Math.round(Math.abs(seconds) * 1000)
  const rest = (all / 1000) % 60
  const minutes = Math.floor(all / 60_000)
  const tail = rest.toFixed(3).padStart(6, '0')
  if (minutes < 60) return `${sign}${minutes}:${tail}`
  return `${sign}${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`
}

/** "2.5 s", without zeros that say nothing. */
export function seconds(time: number): string {
  return `${thousandths(time)} s`
}

/** Return a time as a screen reader speaks it: "1 minute 2.5 seconds". */
export function spokenTime(time: number): string {
  const minutes = Math.floor(thousandths(time) / 60)
  const rest = thousandths(time - minutes * 60)
  const words = `${rest} ${rest === 1 ? 'second' : 'seconds'}`
  return minutes === 0 ? words : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${words}`
}

/** Read a typed time: "2.5", "2,5 s", "1:02.5", "00:01:02,500"; null if it is none. */
export function readTime(text: string): number | null {
  const plainText = text
    .trim()
    .replace(/\s*(s|sec|seconds?)$/i, '')
    .replaceAll(',', '.')
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)$/.exec(plainText)
  if (!match) return null
  const [, hours = '0', minutes = '0', rest = '0'] = match
  if (match[2] !== undefined && Number(rest) >= 60) return null
  if (match[1] !== undefined && Number(minutes) >= 60) return null
  return thousandths(Number(hours) * 3600 + Number(minutes) * 60 + Number(rest))
}

/** So many frames on from a time, on the grid of frames. rate: frames a second. */
export function stepFrames(time: number, by: number, rate: number): number {
  return thousandths(Math.max(0, (Math.round(time * rate) + by) / rate))
}

/** Distances of ruler marks that read well. */
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]

/** Marks of a ruler: at most `most` of them over a length. */
export function marks(duration: number, most: number): number[] {
  if (!(duration > 0)) return []
  const step = STEPS.find((known) => duration / known <= most) ?? STEPS.at(-1) ?? 3600
  const count = Math.floor(duration / step + 1e-9)
  return Array.from({ length: count + 1 }, (_, at) => thousandths(at * step))
}

/** Return the words at a mark of the timeline: "0:02", "0:00.5". */
export function markWords(time: number): string {
  return timecode(time).replace(/\.000$|(?<=\.\d+?)0+$/, '')
}
