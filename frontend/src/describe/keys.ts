/** Keys of a drafted document. The server knows stages and inputs by their names alone. */

import type { Doc, Json, Table } from '../api/schema'
import { isObject, own } from '../document/ops'

/**
 * The draft with the keys of the document that was sent: what is called the same there is the same
 * record, so that a diff shows what changed and nothing else. Seeds and test values are the sent
 * document's; a draft has none.
 */
export function withKeysOf(base: Doc, draft: Doc): Doc {
  const stages = renames(base.stages, draft.stages, 'id')
  return {
    ...draft,
    inputs: rekey(draft.inputs, renames(base.inputs, draft.inputs, 'name')),
    stages: rekey(draft.stages, stages),
    nodes: rekey(draft.nodes, stages),
    seeds: base.seeds,
    values: base.values,
  }
}

/** Key in the draft → key in the document. */
function renames(base: Table, draft: Table, field: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>()
  for (const key of base.order) {
    const name = nameIn(base.rows[key], field)
    if (name !== undefined && !keys.has(name)) keys.set(name, key)
  }
  const names = new Map<string, string>()
  const keysInUse = new Set(base.order)
  for (const key of draft.order) {
    const name = nameIn(draft.rows[key], field)
    const old = name === undefined ? undefined : keys.get(name)
    if (old !== undefined) names.set(key, old)
    // New, under the key of something that is called otherwise by now.
    else if (keysInUse.has(key)) {
      const free = freeKey(key, keysInUse)
      keysInUse.add(free)
      names.set(key, free)
    }
  }
  return names
}

function nameIn(record: Json | undefined, field: string): string | undefined {
  const name = isObject(record) ? own(record, field) : undefined
  return typeof name === 'string' ? name : undefined
}

function freeKey(key: string, taken: ReadonlySet<string>): string {
  let number = 2
  while (taken.has(`${key}_${number}`)) number += 1
  return `${key}_${number}`
}

function rekey(table: Table, names: ReadonlyMap<string, string>): Table {
  const keyOf = (key: string) => names.get(key) ?? key
  return {
    order: table.order.map(keyOf),
    rows: Object.fromEntries(Object.entries(table.rows).map(([key, row]) => [keyOf(key), row])),
  }
}
