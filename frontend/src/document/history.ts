/** Changes as people remember them: who did what, in one go. */

import type { Recorded } from '../api/schema'

/** Someone's changes without a longer pause. newest, oldest: ISO times. */
export interface Burst {
  readonly id: string
  readonly actor: Recorded['actor']
  readonly newest: string
  readonly oldest: string
  readonly deeds: readonly Deed[]
}

/** An action, and how often in a row. */
export interface Deed {
  readonly id: string
  readonly label: string
  readonly times: number
}

const PAUSE_MS = 10 * 60_000

/** Newest first. A person's changes are one burst until someone else changes something. */
export function bursts(changes: readonly Recorded[]): Burst[] {
  const list: (Burst & { deeds: Deed[] })[] = []
  for (const change of [...changes].sort((one, other) => other.rev - one.rev)) {
    const last = list.at(-1)
    const goesOn =
      last?.actor.id === change.actor.id &&
      Date.parse(last.oldest) - Date.parse(change.at) <= PAUSE_MS
    if (!last || !goesOn) {
      const deeds = [deedOf(change)]
      const { id, actor, at } = change
      list.push({ id, actor, newest: at, oldest: at, deeds })
      continue
    }
    list[list.length - 1] = { ...last, oldest: change.at }
    const action = last.deeds.at(-1)
    if (action?.label === change.label)
      last.deeds[last.deeds.length - 1] = { ...action, times: action.times + 1 }
    else last.deeds.push(deedOf(change))
  }
  return list
}

function deedOf({ id, label }: Recorded): Deed {
  return { id, label, times: 1 }
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const
const WORDS = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** "5 minutes ago", "yesterday", "just now". */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1_000
  for (const [unit, size] of UNITS)
    if (seconds >= size) return WORDS.format(-Math.floor(seconds / size), unit)
  return 'just now'
}
