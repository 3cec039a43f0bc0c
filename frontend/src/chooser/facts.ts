/** The facts of a model, in words, and the cost of a stage's call by it. Pure. */

import type { Json, ModelPrice, Tool, ToolPort } from '../api/schema'
import { unitWords } from '../run/shared/credits'
import { isBuiltIn, isNamed, type ProviderChoice } from './providers'

const PER: Readonly<Record<ModelPrice['per'], string>> = {
  result: ' each',
  second: '/s',
  megapixel: '/MP',
  '1000_characters': '/1,000 characters',
}
/** As many inputs as a row names. */
const NAMED = 3

export function providerName({ provider }: ProviderChoice): string {
  // What comes with Reelgraph is called what it is.
  return isBuiltIn(provider) ? 'built-in studio' : provider.title
}

/** "Kling 3.0 Pro"; the provider's name where any model will do. */
export function titleOf(doer: ProviderChoice): string {
  return doer.facts?.title ?? (doer.model || providerName(doer))
}

/** Return true if its provider takes another model where this one is named. */
export function isReplaced({ facts }: ProviderChoice, name: string): boolean {
  return facts !== null && !isNamed(facts, name)
}

/** The usual price: "22 credits/s", "up to 4 credits each", "free". */
export function rateWords(doer: ProviderChoice): string {
  const { units, per, atMost } = priceOf(doer)
  if (units === 0) return 'free'
  return `${atMost ? 'up to ' : ''}${unitWords(units)}${PER[per]}`
}

/** "Kling · fal · 22 credits/s · 3–15 s · first frame + last frame · sound". */
export function lineOf(tool: Tool, doer: ProviderChoice, name: string): string {
  const { facts, provider } = doer
  if (isReplaced(doer, name))
    return [providerName(doer), `uses ${titleOf(doer)}`, rateWords(doer)].join(' · ')
  return [
    facts && facts.by !== provider.title ? facts.by : '',
    providerName(doer),
    rateWords(doer),
    secondsWords(doer),
    inputWords(tool, doer),
    takes(doer, 'sound') ? 'sound' : '',
    doer.isDraft && !isBuiltIn(provider) ? 'draft quality' : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** "3–15 s", "8 s"; empty where it isn't known. */
export function secondsWords({ facts }: ProviderChoice): string {
  if (!facts?.seconds) return ''
  const [least, most] = facts.seconds
  return least === most ? `${most} s` : `${least}–${most} s`
}

/** "photo + last frame", "reference images ×14". */
export function inputWords(tool: Tool, doer: ProviderChoice): string {
  const phrases = tool.ports.flatMap((port) => {
    const count = doer.facts?.takes[port.name] ?? 0
    if (count < 1) return []
    const title = port.title.toLowerCase()
    return [count > 1 ? `${title} ×${count}` : title]
  })
  const more = phrases.length - NAMED
  return phrases.slice(0, NAMED).join(' + ') + (more > 0 ? ` + ${more} more` : '')
}

/** Return true if it takes files of a port, or `seed`, `negative`, `sound`; null: not known. */
export function takes({ facts }: ProviderChoice, what: string): boolean | null {
  if (!facts || Object.keys(facts.takes).length === 0) return null
  return (facts.takes[what] ?? 0) > 0
}

/** The arguments of a call, by their declared names. */
export interface CallArguments {
  /** As it is set, else its default. */
  value: (name: string) => Json | undefined
  /** The names of those that are set to something. */
  names: ReadonlySet<string>
}

/** Return the cost of a call with a stage's arguments, in credits; null where it can't be told. */
export function callCost(doer: ProviderChoice, tool: Tool, given: CallArguments): number | null {
  const number = (name: string): number | null => {
    const value = given.value(name)
    return typeof value === 'number' ? value : null
  }
  const { units, per } = priceOf(doer)
  const count = tool.count === '' ? 1 : (number(tool.count) ?? 1)
  if (per === 'result') return units * count
  const length = per === 'second' ? number('duration') : null
  if (length === null) return null
  const [least, most] = doer.facts?.seconds ?? [length, length]
  // A second that is begun is charged for.
  return units * count * Math.ceil(Math.min(Math.max(length, least), most))
}

/**
 * "110 credits with these settings"; the usual price where it depends on more than is known. quoted:
 * as the server says, if it did.
 */
export function costWords(
  doer: ProviderChoice,
  credits: number | null,
  quoted: number | null = null,
): string {
  const cost = quoted ?? credits
  if (cost === null) return rateWords(doer)
  if (cost === 0) return 'free'
  const words = quoted === null ? creditWords(doer, cost) : quotedWords(doer, cost)
  return `${words} with these settings`
}

/** "110 credits", "up to 8 credits", "free", by the usual price; "about 12 credits" if it varies. */
export function creditWords(doer: ProviderChoice, credits: number): string {
  if (credits === 0) return 'free'
  return priceOf(doer).varies ? `about ${unitWords(credits)}` : quotedWords(doer, credits)
}

function quotedWords(doer: ProviderChoice, credits: number): string {
  return `${priceOf(doer).atMost ? 'up to ' : ''}${unitWords(credits)}`
}

/** "Kling 3.0 Pro ignores this."; undefined where it doesn't, or no one knows. */
export function ignoredWords(doer: ProviderChoice | null, argument: string): string | undefined {
  return doer?.facts?.ignores.includes(argument) ? `${titleOf(doer)} ignores this.` : undefined
}

/** The same of a port, also where it is just not among what the model takes. */
export function portNote(doer: ProviderChoice | null, port: ToolPort): string | undefined {
  const isTaken = doer ? takes(doer, port.name) : null
  if (doer && isTaken === false) return `${titleOf(doer)} ignores this.`
  return ignoredWords(doer, port.name) ?? ignoredWords(doer, port.argument)
}

function priceOf({ facts, provider }: ProviderChoice): ModelPrice {
  // Of another model, or with other arguments, a service may take another price.
  const varies = !isBuiltIn(provider)
  return facts?.price ?? { units: provider.units, per: 'result', atMost: false, varies }
}
