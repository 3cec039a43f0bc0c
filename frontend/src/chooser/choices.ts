/** The models that a stage may name, and which of them do what it needs. Pure. */

import type { Json, Tool } from '../api/schema'
import {
  type CallArguments,
  callCost,
  ignoredWords,
  isReplaced,
  portNote,
  takes,
  titleOf,
} from './facts'
import { doerOf, isNamed, type ProviderChoice } from './providers'

/** A name, and who makes what is asked of it; null: no one here. */
export interface ModelChoice {
  readonly name: string
  readonly title: string
  readonly doer: ProviderChoice | null
  /** The cost of a call with the stage's arguments, in credits; null where it can't be told. */
  readonly cost: number | null
}

/** A stage's needs of its model. files: by port. seconds: the length it asks for. */
export interface Needs {
  readonly files: ReadonlyMap<string, number>
  readonly features: readonly string[]
  readonly seconds: number | null
}

export const NO_NEEDS: Needs = { files: new Map(), features: [], seconds: null }

export interface Filters {
  readonly fits: boolean
  readonly image: boolean
  readonly sound: boolean
  /** No filter but an order. */
  readonly cheapest: boolean
}

export const USUAL_FILTERS: Filters = { fits: true, image: false, sound: false, cheapest: false }

/** List the models that providers here make, then the others that the tool knows by name. */
export function choicesOf(
  tool: Tool,
  listed: readonly Json[],
  given: CallArguments,
): ModelChoice[] {
  const models = tool.providers.flatMap(({ makes }) => makes)
  const others = listed.map(String).filter((name) => !models.some((one) => isNamed(one, name)))
  return [...new Set([...models.map(({ name }) => name), ...others])].map((name) => {
    const doer = doerOf(tool, name)
    return {
      name,
      title: doer?.facts && !isReplaced(doer, name) ? titleOf(doer) : name,
      doer,
      cost: doer && callCost(doer, tool, given),
    }
  })
}

/** The choice with this name, or with a model that has it as an alias. */
export function choiceNamed(
  choices: readonly ModelChoice[],
  value: string,
): ModelChoice | undefined {
  return choices.find(
    ({ name, doer }) =>
      name === value || (doer?.facts?.name === name && isNamed(doer.facts, value)),
  )
}

/** Return true if enough is known of any of them to choose by. */
export function isTelling(choices: readonly ModelChoice[]): boolean {
  return choices.some(({ doer }) => doer?.facts && (doer.facts.price || takes(doer, '') !== null))
}

/** Return the demands of arguments on a model. A default is no wish: it may well be ignored. */
export function wishesOf({ names, value }: CallArguments): Pick<Needs, 'features' | 'seconds'> {
  const set = (name: string) => (names.has(name) ? value(name) : undefined)
  const features: string[] = []
  if (names.has('negativePrompt')) features.push('negative')
  if (set('generateAudio') === true) features.push('sound')
  const seconds = set('duration')
  return { features, seconds: typeof seconds === 'number' ? seconds : null }
}

/** The titles of files and settings that a stage has and a model leaves out. */
export function leftOut(
  doer: ProviderChoice,
  tool: Tool,
  { names }: CallArguments,
  { files }: Needs,
): string[] {
  const ports = tool.ports.filter((port) => files.has(port.name) && portNote(doer, port))
  const parameters = tool.parameters.filter(
    ({ name }) => names.has(name) && ignoredWords(doer, name),
  )
  return [...ports, ...parameters].map(({ title, name }) => title || name)
}

/**
 * Return true if a model takes all that is connected, and does what is asked. Unknown counts as
 * yes; a name in whose place another model is taken as no.
 */
export function fits({ doer, name }: ModelChoice, needs: Needs): boolean {
  if (!doer || isReplaced(doer, name)) return false
  const { facts } = doer
  if (!facts) return true
  if (needs.seconds !== null && facts.seconds && needs.seconds > facts.seconds[1]) return false
  if (needs.features.some((feature) => takes(doer, feature) === false)) return false
  return [...needs.files].every(
    ([port, count]) => takes(doer, port) === null || (facts.takes[port] ?? 0) >= count,
  )
}

/** Return true if a filter would leave any of them. */
export function canFilter(
  choices: readonly ModelChoice[],
  filter: keyof Filters,
  tool: Tool,
): boolean {
  if (filter === 'fits' || filter === 'cheapest') return true
  const filters = { ...USUAL_FILTERS, fits: false, [filter]: true }
  return filterChoices(choices, filters, tool, NO_NEEDS).length > 0
}

/** The choices that pass the filters, in the order they ask for. */
export function filterChoices(
  choices: readonly ModelChoice[],
  filters: Filters,
  tool: Tool,
  needs: Needs,
): readonly ModelChoice[] {
  const images = tool.ports.filter(({ kind }) => kind === 'image')
  const fitting = choices.filter((choice) => {
    const { doer, name } = choice
    const isMade = doer !== null && !isReplaced(doer, name)
    const does = (what: string) => isMade && takes(doer, what) === true
    return (
      (!filters.fits || fits(choice, needs)) &&
      (!filters.image || images.some(({ name }) => does(name))) &&
      (!filters.sound || does('sound'))
    )
  })
  const cost = (choice: ModelChoice) => choice.cost ?? Number.POSITIVE_INFINITY
  return filters.cheapest ? fitting.sort((one, other) => compare(cost(one), cost(other))) : fitting
}

function compare(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1
}
