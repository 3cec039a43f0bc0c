/** Places of a draft's stages: what is on the canvas stays, what is new is beside its sources. */

import type { Doc } from '../api/schema'
import { applyAll } from '../document/ops'
import { placeOps } from '../graph/edits/places'
import {
  type Box,
  bounds,
  COLUMN,
  GAP,
  growBox,
  NODE_WIDTH,
  type Point,
  sizeOf,
  snap,
  storedAt,
  touches,
} from '../graph/geometry'
import { placesOf } from '../graph/layout'
import { tidy } from '../graph/tidy'
import type { ToolTable } from '../graph/tools'
import { readWiring, type Wiring, type WiringNode } from '../graph/wiring'

/** The draft with a position for every stage that the document does not have. */
export function placeDraft(base: Doc, draft: Doc, tools: ToolTable): Doc {
  const wiring = readWiring(draft, tools)
  if (base.stages.order.length === 0) return applyAll(draft, tidy(draft, wiring).ops).doc
  const before = readWiring(base, tools)
  // Nothing was ever moved: the canvas lays everything out, and goes on to.
  if (![...before.nodes.keys()].some((id) => storedAt(base, id))) return draft
  const places = placesOf(base, before)
  const boxes = new Map<string, Box>()
  const newNodes: WiringNode[] = []
  for (const node of wiring.nodes.values()) {
    const at = places.get(node.id)
    if (at) boxes.set(node.id, { ...at, ...sizeOf(node) })
    else newNodes.push(node)
  }
  const moves = new Map<string, Point>()
  for (const node of newNodes) {
    // The draft's own wish was made without knowing how high a stage is here.
    const at = storedAt(draft, node.id) ?? targetOf(node, wiring, boxes)
    const box = free({ ...at, ...sizeOf(node) }, [...boxes.values()])
    boxes.set(node.id, box)
    moves.set(node.id, { x: box.x, y: box.y })
  }
  return applyAll(draft, placeOps(draft, moves)).doc
}

/** One column right of what it takes something from, else left of what takes something from it. */
function targetOf(node: WiringNode, wiring: Wiring, boxes: ReadonlyMap<string, Box>): Point {
  const boxesOf = (ids: readonly string[]) => ids.flatMap((id) => boxes.get(id) ?? [])
  const { width, height } = sizeOf(node)
  const sources = boxesOf((wiring.into.get(node.id) ?? []).map((wire) => wire.source))
  const targets = boxesOf(
    wiring.edges.filter((wire) => wire.source === node.id).map((wire) => wire.target),
  )
  const beside = sources.length > 0 ? sources : targets
  if (beside.length === 0) {
    const all = bounds([...boxes.values()])
    return all ? { x: all.x, y: snap(all.y + all.height + GAP) } : { x: 0, y: 0 }
  }
  const gap = COLUMN - NODE_WIDTH
  const x =
    sources.length > 0
      ? Math.max(...sources.map((box) => box.x + box.width)) + gap
      : Math.min(...targets.map((box) => box.x)) - gap - width
  const middle = beside.reduce((sum, box) => sum + box.y + box.height / 2, 0) / beside.length
  return { x, y: snap(middle - height / 2) }
}

/**
 * The first position in the same column, from here down, where the box covers nothing: what comes
 * later in the template stays below.
 */
function free(box: Box, others: readonly Box[]): Box {
  // Snapping may bring two boxes nearer than the gap by less than the grid.
  const around = growBox(box, GAP / 2)
  const hit = others.find((other) => touches(around, other))
  return hit ? free({ ...box, y: snap(hit.y + hit.height + GAP) }, others) : box
}
