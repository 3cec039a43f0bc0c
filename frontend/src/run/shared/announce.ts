/** Changes of state for those who do not see them: at most one in five seconds, the newest wins. */

import { say } from '../../frame/announcements'

const EVERY_MS = 5_000

let saidAt = Number.NEGATIVE_INFINITY
let timer: ReturnType<typeof setTimeout> | undefined

export function announce(text: string): void {
  clearTimeout(timer)
  const wait = saidAt + EVERY_MS - Date.now()
  if (wait > 0) timer = setTimeout(() => announceNow(text), wait)
  else announceNow(text)
}

/** Announce at once, such as the end of a run; it also takes the place of what waited. */
export function announceNow(text: string): void {
  clearTimeout(timer)
  saidAt = Date.now()
  say(text)
}
