/** Places of nodes that no one has put anywhere, kept as long as they hold. */

import type { Doc } from '../api/schema'
import type { Point } from '../graph/geometry'
import { layOutMissing } from '../graph/layout'
import type { Wiring } from '../graph/wiring'

let cache: { wiring: Wiring; nodes: unknown; found: ReadonlyMap<string, Point> } | null = null

/** Return places for the nodes that have no stored one. Nothing is written to the document. */
export function places(doc: Doc, wiring: Wiring): ReadonlyMap<string, Point> {
  if (cache?.wiring === wiring && cache.nodes === doc.nodes) return cache.found
  const layout = layOutMissing(doc, wiring)
  cache = { wiring, nodes: doc.nodes, found: layout }
  return layout
}
