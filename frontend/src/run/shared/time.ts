/** Times as people read them. All in seconds. */

/** "0.4 s", "40 s", "1:12", "1:02:05". */
export function lasting(seconds: number): string {
  if (seconds < 1) return `${Math.max(0, seconds).toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : clock(whole)
}

/** As a clock that runs: "0:07", "1:12", "1:02:05". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const two = (number: number) => String(number).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}

/** A guess, not more exact than it is: "about 40 s", "about 2 min". */
export function about(seconds: number): string {
  if (seconds < 1) return 'about 1 s'
  if (seconds < 10) return `about ${Math.round(seconds)} s`
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} min`
  return `about ${Math.round(seconds / 3_600)} h`
}

/** Between two ISO times; `until` null: now. */
export function between(from: string, until: string | null, now: number): number {
  return Math.max(0, ((until ? Date.parse(until) : now) - Date.parse(from)) / 1_000)
}

/** Return a moment in words, by its own clock today and with its date before. */
export function moment(at: string, now = new Date()): string {
  const then = new Date(at)
  const isToday = then.toDateString() === now.toDateString()
  return new Intl.DateTimeFormat(
    undefined,
    isToday ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' },
  ).format(then)
}
