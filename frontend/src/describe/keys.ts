/** Keys of a drafted document. The server knows stages and inputs by their names alone. */

import type { Doc, Table } from '../api/schema'
import { fieldOf } from '../graph/edit'
import { unused } from '../graph/words'

/**
 * The draft with the keys of the document that was sent: what is called the same there is the same
 * record, so that a diff shows what changed and nothing else. Seeds, test values and the plan are
 * the sent document's; a draft has none.
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
    plan: base.plan,
  }
}

/** Key in the draft → key in the document. */
function renames(base: Table, draft: Table, field: string): ReadonlyMap<string, string> {
  const nameIn = ({ rows }: Table, key: string) => fieldOf(rows[key], [field]) ?? null
  // Of two with one name the first counts.
  const keys = new Map(base.order.toReversed().map((key) => [nameIn(base, key), key]))
  keys.delete(null)
  const taken = new Set(base.order)
  const names = new Map<string, string>()
  for (const key of draft.order) {
    // What is new may have the key of something that is called otherwise by now.
    const own = keys.get(nameIn(draft, key)) ?? unused(key, (other) => taken.has(other), '_')
    taken.add(own)
    names.set(key, own)
  }
  return names
}

function rekey(table: Table, names: ReadonlyMap<string, string>): Table {
  const keyOf = (key: string) => names.get(key) ?? key
  return {
    order: table.order.map(keyOf),
    rows: Object.fromEntries(Object.entries(table.rows).map(([key, row]) => [keyOf(key), row])),
  }
}
