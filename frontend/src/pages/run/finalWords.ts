/** The price of making stages of a run final, in words. Pure. */

import type { FinalStage } from '../../api/schema'
import { unitWords } from '../../run/shared/credits'
import { about } from '../../run/shared/time'

/** A stage as it would be made. */
export type StageQuote = Omit<
  FinalStage,
  'tool' | 'args' | 'items' | 'files' | 'hasOthers' | 'missing'
>

/** As the server answers. Numbers of stages; atMost: it may cost less. */
export interface FinalQuote {
  final: number
  again: number
  kept: number
  capacityUnits: number
  atMost: boolean
  seconds: number | null
  stages: readonly StageQuote[]
}

/** "4 stages final, 2 made again because their input changes, 7 kept · up to 214 credits". */
export function finalWords(quote: FinalQuote): string {
  const { final, again, kept } = quote
  const parts = [`${final} ${final === 1 ? 'stage' : 'stages'} final`]
  if (again > 0)
    parts.push(`${again} made again because ${again === 1 ? 'its' : 'their'} input changes`)
  if (kept > 0) parts.push(`${kept} kept`)
  const takes = quote.seconds === null ? [] : [about(quote.seconds)]
  return [parts.join(', '), costWords(quote), ...takes].join(' · ')
}

/** "up to 214 credits". */
export function costWords(quote: Pick<FinalQuote, 'capacityUnits' | 'atMost'>): string {
  return `${quote.atMost ? 'up to ' : ''}${unitWords(quote.capacityUnits)}`
}

/** "Kling 3.0 Pro by Kling · Comfy Router"; the provider alone where any model will do. */
export function makerWords({ modelTitle, modelBy, providerTitle }: StageQuote): string {
  const by = modelBy && modelBy !== providerTitle ? ` by ${modelBy}` : ''
  return [modelTitle && `${modelTitle}${by}`, providerTitle].filter(Boolean).join(' · ')
}

/** Say that the model's draft is made final, or is no longer there; of other stages nothing. */
export function draftWords({ draft, providerTitle }: StageQuote): string {
  if (draft === 'alive')
    return `Made of its draft at ${providerTitle}: the content stays, at 1080p.`
  return draft === '' ? '' : `Its draft at ${providerTitle} has expired. It's made again.`
}
