/** What making stages of a run final takes, in words. Pure. */

import { unitWords } from '../../run/shared/credits'
import { about } from '../../run/shared/time'

/** As the server answers. Numbers of stages; atMost: it may cost less. */
export interface FinalQuote {
  final: number
  again: number
  kept: number
  capacityUnits: number
  atMost: boolean
  seconds: number | null
}

/** "4 stages final, 2 made again because their input changes, 7 kept · up to 214 credits". */
export function finalWords(quote: FinalQuote): string {
  const { final, again, kept } = quote
  const parts = [`${final} ${final === 1 ? 'stage' : 'stages'} final`]
  if (again > 0)
    parts.push(`${again} made again because ${again === 1 ? 'its' : 'their'} input changes`)
  if (kept > 0) parts.push(`${kept} kept`)
  const cost = `${quote.atMost ? 'up to ' : ''}${unitWords(quote.capacityUnits)}`
  const takes = quote.seconds === null ? [] : [about(quote.seconds)]
  return [parts.join(', '), cost, ...takes].join(' · ')
}
