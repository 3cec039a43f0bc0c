/** Tidying up. Imported when it is asked for: dagre is as large as the canvas. */

import dagre from '@dagrejs/dagre'
import type { Doc } from '../api/schema'
import { type Edit, edit } from './edit'
import { placeOps } from './edits/places'
import { type Tie, tiesOf } from './flow'
import {
  COLUMN,
  GAP,
  INPUTS_WIDTH,
  NODE_WIDTH,
  type Point,
  sizeOf,
  snap,
  storedAt,
} from './geometry'
import { placesOf } from './layout'
import { INPUTS, type Wiring } from './wiring'

/**
 * Lay out afresh. ids: only these, around where they are now; else everything. Few crossings,
 * columns `COLUMN` apart, ports in their order.
 */
export function tidy(
  doc: Doc,
  wiring: Wiring,
  ids?: readonly string[],
  shown: ReadonlyMap<string, Point> = placesOf(doc, wiring),
): Edit {
  const chosen = new Set(ids ?? wiring.nodes.keys())
  const places = laidOut(wiring, chosen, tiesOf(doc))
  const corner = cornerOf(places.values())
  const before = cornerOf([...chosen].flatMap((id) => shown.get(id) ?? []))
  const keep = ids ? before : { x: 0, y: 0 }
  const moves = new Map<string, Point>()
  for (const [id, at] of places)
    moves.set(id, { x: at.x - corner.x + keep.x, y: at.y - corner.y + keep.y })
  // What was never stored is stored along, or it would jump.
  if (ids) for (const [id, at] of shown) if (!moves.has(id) && !storedAt(doc, id)) moves.set(id, at)
  return edit(ids ? `Tidy ${ids.length} stages` : 'Tidy up', placeOps(doc, moves))
}

function laidOut(
  wiring: Wiring,
  chosen: ReadonlySet<string>,
  ties: readonly Tie[],
): Map<string, Point> {
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'LR', nodesep: GAP, ranksep: COLUMN - NODE_WIDTH, edgesep: 12 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const [id, node] of wiring.nodes) if (chosen.has(id)) graph.setNode(id, { ...sizeOf(node) })
  // Wires in the order of the target's ports: dagre starts from the order it is given.
  for (const wire of wiring.edges)
    if (!wire.isBackward && chosen.has(wire.source) && chosen.has(wire.target))
      graph.setEdge(wire.source, wire.target, { weight: wire.isImplied ? 1 : 2 }, wire.id)
  for (const { source, target } of ties)
    if (chosen.has(source) && chosen.has(target))
      graph.setEdge(source, target, { weight: 1 }, `tie ${source}`)
  dagre.layout(graph)
  const ranks = new Map<number, { id: string; y: number; height: number }[]>()
  for (const id of graph.nodes()) {
    const { x = 0, y = 0, height = 0 } = graph.node(id) ?? {}
    const rank = Math.round(x * 4)
    const column = ranks.get(rank)
    const entry = { id, y: y - height / 2, height }
    if (column) column.push(entry)
    else ranks.set(rank, [entry])
  }
  upright(wiring, ranks.values())
  const places = new Map<string, Point>()
  const inOrder = [...ranks.keys()].sort((a, b) => a - b)
  let x = 0
  for (const rank of inOrder) {
    const column = (ranks.get(rank) ?? []).sort((one, other) => one.y - other.y)
    let below = -Infinity
    for (const { id, y, height } of column) {
      const top = snap(Math.max(y, below))
      places.set(id, { x, y: top })
      below = top + height + GAP
    }
    const isInputs = column.length === 1 && column[0]?.id === INPUTS
    x += isInputs ? INPUTS_WIDTH + COLUMN - NODE_WIDTH : COLUMN
  }
  return places
}

/** A layout has as few crossings upside down: take the way that reads in the order of the stages. */
function upright(
  wiring: Wiring,
  columns: Iterable<{ id: string; y: number; height: number }[]>,
): void {
  const all = [...columns]
  const places = new Map([...wiring.nodes.keys()].map((id, place) => [id, place]))
  let against = 0
  for (const column of all) {
    const inOrder = column.toSorted((one, other) => one.y - other.y)
    for (let at = 1; at < inOrder.length; at += 1) {
      const [above, below] = [inOrder[at - 1], inOrder[at]]
      if (!above || !below) continue
      against += (places.get(above.id) ?? 0) > (places.get(below.id) ?? 0) ? 1 : -1
    }
  }
  if (against > 0) for (const entry of all.flat()) entry.y = -entry.y - entry.height
}

function cornerOf(points: Iterable<Point>): Point {
  let x = Infinity
  let y = Infinity
  for (const point of points) {
    x = Math.min(x, point.x)
    y = Math.min(y, point.y)
  }
  return { x: Number.isFinite(x) ? x : 0, y: Number.isFinite(y) ? y : 0 }
}
