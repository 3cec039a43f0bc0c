/** The layout of nodes that no one has put anywhere. */

import type { Doc } from '../api/schema'
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
  const storedPoints: Point[] = []
  const missing: WiringNode[] = []
  for (const node of wiring.nodes.values()) {
    const at = storedAt(doc, node.id)
    if (at) storedPoints.push(at)
    else missing.push(node)
  }
  if (missing.length === 0) return new Map()
  if (storedPoints.length === 0) return columns(wiring)
  let leftmost = Math.min(...storedPoints.map(({ x }) => x))
  const lowest = Math.max(...storedPoints.map(({ y }) => y)) + 400
  const middle = storedPoints.reduce((sum, { y }) => sum + y, 0) / storedPoints.length
  const places = new Map<string, Point>()
  const inputsAt = { x: snap(leftmost - COLUMN), y: snap(middle) }
  for (const node of missing) {
    if (node.id === INPUTS) places.set(node.id, inputsAt)
    else {
      places.set(node.id, { x: snap(leftmost), y: snap(lowest) })
      leftmost += COLUMN
    }
  }
  return places
}

/** Return the place of every node: as stored, else as laid out. */
export function placesOf(doc: Doc, wiring: Wiring): Map<string, Point> {
  const places = layOutMissing(doc, wiring)
  for (const id of wiring.nodes.keys()) {
    const at = storedAt(doc, id)
    if (at) places.set(id, at)
  }
  return places
}

/** Return places of some nodes as if there were no others, from (0, 0) on. */
export function columnsOf(wiring: Wiring, ids: readonly string[]): Map<string, Point> {
  const isOne = (id: string) => ids.includes(id)
  const places = columns({
    ...wiring,
    nodes: new Map([...wiring.nodes].filter(([id]) => isOne(id))),
    edges: wiring.edges.filter(({ source, target }) => isOne(source) && isOne(target)),
  })
  const minX = Math.min(...[...places.values()].map(({ x }) => x))
  const top = Math.min(...[...places.values()].map(({ y }) => y))
  return new Map([...places].map(([id, { x, y }]) => [id, { x: x - minX, y: y - top }]))
}

/** Every node one column right of the last it takes something from, near the middle of its sources. */
function columns(wiring: Wiring): Map<string, Point> {
  const sources = forwardSources(wiring)
  const hasInputs = wiring.nodes.has(INPUTS)
  const ranks = new Map<string, number>()
  const byRank = new Map<number, WiringNode[]>()
  for (const node of wiring.nodes.values()) {
    const before = (sources.get(node.id) ?? []).map((source) => ranks.get(source) ?? 0)
    const own = hasInputs && node.id !== INPUTS ? 1 : 0
    const rank = before.length > 0 ? Math.max(...before) + 1 : own
    ranks.set(node.id, rank)
    const column = byRank.get(rank)
    if (column) column.push(node)
    else byRank.set(rank, [node])
  }
  const places = new Map<string, Point>()
  const middles = new Map<string, number>()
  const shift = hasInputs ? INPUTS_WIDTH - NODE_WIDTH : 0
  for (const rank of [...byRank.keys()].sort((a, b) => a - b)) {
    const x = rank * COLUMN + (rank > 0 ? shift : 0)
    stack(byRank.get(rank) ?? [], x, sources, middles, places)
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
  const rows = nodes.map((node) => {
    const sourceMiddles = (sources.get(node.id) ?? []).flatMap(
      (source) => middles.get(source) ?? [],
    )
    // What needs nothing is beside the inputs, after what does.
    const middle =
      sourceMiddles.length > 0
        ? sourceMiddles.reduce((sum, y) => sum + y, 0) / sourceMiddles.length
        : (middles.get(INPUTS) ?? 0)
    return { node, middle, height: sizeOf(node).height }
  })
  rows.sort((one, other) => one.middle - other.middle)
  let below = -Infinity
  let shift = 0
  const tops = rows.map(({ middle, height }) => {
    const top = Math.max(middle - height / 2, below)
    below = top + height + GAP
    shift += top + height / 2 - middle
    return top
  })
  // Stacking only pushes down; lift the column by what that was on average.
  const lift = shift / Math.max(rows.length, 1)
  rows.forEach(({ node, height }, at) => {
    const y = snap((tops[at] ?? 0) - lift)
    places.set(node.id, { x, y })
    middles.set(node.id, y + height / 2)
  })
}

/** Node → nodes it takes something from that are before it. */
function forwardSources(wiring: Wiring): Map<string, string[]> {
  const sourceIds = new Map<string, Set<string>>()
  for (const wire of wiring.edges) {
    if (wire.isBackward) continue
    const entries = sourceIds.get(wire.target)
    if (entries) entries.add(wire.source)
    else sourceIds.set(wire.target, new Set([wire.source]))
  }
  return new Map([...sourceIds].map(([id, sources]) => [id, [...sources]]))
}
