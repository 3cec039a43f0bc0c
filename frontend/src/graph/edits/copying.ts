/** Stages, frames and notes as they are on the clipboard. */

import type { Doc, Json, JsonObject } from '../../api/schema'
import { isObject, own, row } from '../../document/ops'
import { findRefs } from '../bindings'
import { inputsByName, readStage } from '../documentReaders'
import { seedKeys } from './seeds'

export interface Clip {
  readonly stages: readonly JsonObject[]
  readonly inputs: readonly JsonObject[]
  readonly nodes: readonly Json[]
  readonly frames: readonly JsonObject[]
  readonly notes: readonly JsonObject[]
  readonly seeds: JsonObject
}

/** Stages, frames and notes as text for the clipboard, with the inputs that the stages name. */
export function copy(doc: Doc, ids: readonly string[]): string {
  return JSON.stringify({ reelgraph: 1, ...clipOf(doc, ids) })
}

/** Return the records that `copy` writes. */
export function clipOf(doc: Doc, ids: readonly string[]): Clip {
  const chosen = new Set(ids)
  const prefixes = { stages: '', frames: 'frame:', notes: 'note:' }
  const records = (table: 'stages' | 'frames' | 'notes') =>
    doc[table].order
      .filter((key) => chosen.has(prefixes[table] + key))
      .map((key) => own(doc[table].rows, key))
      .filter(isObject)
  const stages = records('stages')
  const names = inputsByName(doc)
  const inputs = new Map<string, JsonObject>()
  for (const stage of stages)
    for (const { read } of findRefs(stage)) {
      const key = read.type === 'ref' && read.root === 'inputs' ? names.get(read.name) : undefined
      const record = key === undefined ? undefined : own(doc.inputs.rows, key)
      if (key !== undefined && isObject(record)) inputs.set(key, record)
    }
  const seeds: JsonObject = {}
  const nodes: Json[] = []
  for (const key of doc.stages.order) {
    if (!chosen.has(key)) continue
    const id = readStage(row(doc, 'stages', key)).id || key
    // Stages that are written inside have ids of their own, which a copy may not have again.
    for (const seed of seedKeys(doc, key))
      if (seed === key || seed.startsWith(`${key}.`))
        seeds[id + seed.slice(key.length)] = own(doc.seeds.rows, seed) ?? null
    const node = row(doc, 'nodes', key)
    if (node !== undefined) nodes.push(node)
  }
  return {
    stages,
    inputs: [...inputs.values()],
    nodes,
    frames: records('frames'),
    notes: records('notes'),
    seeds,
  }
}
