/** Where nodes are that no one has put anywhere, and tidying up. */

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
import { INPUTS, type Wiring, type WiringNode } from './wiring'

/**
 * A place for every node that has none stored. As the server's pictures have it: columns from left
 * to right when nothing is stored, else a row below what is.
 */
export function layOutMissing(doc: Doc, wiring: Wiring): Map<string, Point> {
  const stored: Point[] = []
  const missing: WiringNode[] = []
  for (const node of wiring.nodes.values()) {
    const at = storedAt(doc, node.id)
    if (at) stored.push(at)
    else missing.push(node)
  }
  if (missing.length === 0) return new Map()
  if (stored.length === 0) return columns(wiring)
  let left = Math.min(...stored.map(({ x }) => x))
  const lowest = Math.max(...stored.map(({ y }) => y)) + 400
  const middle = stored.reduce((sum, { y }) => sum + y, 0) / stored.length
  const places = new Map<string, Point>()
  const inputsAt = { x: snap(left - COLUMN), y: snap(middle) }
  for (const node of missing) {
    if (node.id === INPUTS) places.set(node.id, inputsAt)
    else {
      places.set(node.id, { x: snap(left), y: snap(lowest) })
      left += COLUMN
    }
  }
  return places
}

/** Where everything is shown: as stored, else as laid out. */
export function placesOf(doc: Doc, wiring: Wiring): Map<string, Point> {
  const places = layOutMissing(doc, wiring)
  for (const id of wiring.nodes.keys()) {
    const at = storedAt(doc, id)
    if (at) places.set(id, at)
  }
  return places
}

/** Every node one column right of the last it takes something from, near the middle of its sources. */
function columns(wiring: Wiring): Map<string, Point> {
  const sources = forwardSources(wiring)
  const hasInputs = wiring.nodes.has(INPUTS)
  const ranks = new Map<string, number>()
  const found = new Map<number, WiringNode[]>()
  for (const node of wiring.nodes.values()) {
    const before = (sources.get(node.id) ?? []).map((source) => ranks.get(source) ?? 0)
    const own = hasInputs && node.id !== INPUTS ? 1 : 0
    const rank = before.length > 0 ? Math.max(...before) + 1 : own
    ranks.set(node.id, rank)
    const column = found.get(rank)
    if (column) column.push(node)
    else found.set(rank, [node])
  }
  const places = new Map<string, Point>()
  const middles = new Map<string, number>()
  const shift = hasInputs ? INPUTS_WIDTH - NODE_WIDTH : 0
  for (const rank of [...found.keys()].sort((a, b) => a - b)) {
    const x = rank * COLUMN + (rank > 0 ? shift : 0)
    stack(found.get(rank) ?? [], x, sources, middles, places)
  }
  return places
}

function stack(
  nodes: readonly WiringNode[],
  x: number,
  sources: ReadonlyMap<string, readonly string[]>,
  middles: Map<string, number>,
  places: Map<string, Point>,
): void {
  const wanted = nodes.map((node) => {
    const known = (sources.get(node.id) ?? []).flatMap((source) => middles.get(source) ?? [])
    // What needs nothing is beside the inputs, after what does.
    const middle =
      known.length > 0
        ? known.reduce((sum, y) => sum + y, 0) / known.length
        : (middles.get(INPUTS) ?? 0)
    return { node, middle, height: sizeOf(node).height }
  })
  wanted.sort((one, other) => one.middle - other.middle)
  let below = -Infinity
  let pushed = 0
  const tops = wanted.map(({ middle, height }) => {
    const top = Math.max(middle - height / 2, below)
    below = top + height + GAP
    pushed += top + height / 2 - middle
    return top
  })
  // Stacking only pushes down; lift the column by what that was on average.
  const lift = pushed / Math.max(wanted.length, 1)
  wanted.forEach(({ node, height }, at) => {
    const y = snap((tops[at] ?? 0) - lift)
    places.set(node.id, { x, y })
    middles.set(node.id, y + height / 2)
  })
}

/** Node → nodes it takes something from that are before it. */
function forwardSources(wiring: Wiring): Map<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const wire of wiring.edges) {
    if (wire.isBackward) continue
    const known = found.get(wire.target)
    if (known) known.add(wire.source)
    else found.set(wire.target, new Set([wire.source]))
  }
  return new Map([...found].map(([id, sources]) => [id, [...sources]]))
}

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
  const sorted = [...ranks.keys()].sort((a, b) => a - b)
  let x = 0
  for (const rank of sorted) {
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
