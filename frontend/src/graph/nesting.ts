/**
 * Stages inside a stage, which run as a group. Twin of templates_app/graph/nesting.py; the decision
 * is docs/decisions/0057-stages-inside-stages-are-a-group.md. Pure.
 */

import type { JsonObject } from '../api/schema'
import { readStage, type StageRecord } from './documentReaders'

/** A stage inside another. depth: 0 for those directly in it. */
export interface InnerStage {
  readonly record: JsonObject
  readonly stage: StageRecord
  readonly depth: number
}

const NONE: readonly InnerStage[] = []
const cache = new WeakMap<StageRecord, readonly InnerStage[]>()

/** List the stages inside a stage, at any depth, in the order they run. Kept with its reading. */
export function insideOf(stage: StageRecord): readonly InnerStage[] {
  if (stage.subStages.length === 0) return NONE
  let list = cache.get(stage)
  if (!list) {
    list = stage.subStages.flatMap((record) => {
      const inner = readStage(record)
      const below = insideOf(inner).map((one) => ({ ...one, depth: one.depth + 1 }))
      return [{ record, stage: inner, depth: 0 }, ...below]
    })
    cache.set(stage, list)
  }
  return list
}

/** Return true if a stage has a call of its own, before what is inside it. */
export function hasOwnCall({ type, tool }: StageRecord): boolean {
  return type === 'interactive' || tool !== ''
}

/** The members of a stage with stages inside. */
export interface Group {
  /** Names that each member makes: the own call first, where there is one, then the sub-stages. */
  readonly produces: readonly (readonly string[])[]
  /** Position of the member whose result is the group's. */
  readonly result: number
}

/**
 * Return who makes what in a group. Names of the stage that no member makes go to the result: the
 * last member that makes one of its names, else the last.
 */
export function groupOf(stage: StageRecord): Group {
  const produces: (readonly string[])[] = stage.subStages.map((one) => readStage(one).produces)
  if (hasOwnCall(stage)) produces.unshift(stage.type === 'batch' ? [] : stage.produces)
  const last = produces.findLastIndex((names) =>
    names.some((name) => stage.produces.includes(name)),
  )
  const result = last < 0 ? produces.length - 1 : last
  const madeInside = new Set(produces.flat())
  const others = stage.produces.filter((name) => !madeInside.has(name))
  produces[result] = [...(produces[result] ?? []), ...others]
  return { produces, result }
}
