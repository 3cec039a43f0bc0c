/** Lining up and spreading out. */

import type { Doc } from '../../api/schema'
import { row } from '../../document/ops'
import { type Edit, edit, fieldOf, targetOf } from '../edit'
import { type Box, type Point, sizeOf, storedAt } from '../geometry'
import type { Wiring } from '../wiring'
import { moveNodes, NOTE_WIDTH } from './places'

export type Alignment =
  | 'left'
  | 'right'
  | 'top'
  | 'bottom'
  | 'center'
  | 'middle'
  | 'distribute-x'
  | 'distribute-y'

const ALIGNMENTS: Readonly<Record<Alignment, string>> = {
  left: 'Align left edges',
  right: 'Align right edges',
  top: 'Align top edges',
  bottom: 'Align bottom edges',
  center: 'Align centers',
  middle: 'Align middles',
  'distribute-x': 'Distribute horizontally',
  'distribute-y': 'Distribute vertically',
}

/** Line up or spread out. shown: where everything is now. */
export function align(
  doc: Doc,
  wiring: Wiring,
  ids: readonly string[],
  how: Alignment,
  shown: ReadonlyMap<string, Point> = new Map(),
): Edit {
  const boxes = new Map<string, Box>()
  for (const id of ids) {
    const box = boxOf(doc, wiring, id, shown)
    if (box) boxes.set(id, box)
  }
  const { ops } = moveNodes(doc, alignedPlaces(boxes, how), shown)
  return edit(ALIGNMENTS[how], boxes.size > 1 ? ops : [])
}

/** The corner and size of a node, frame or note as it is shown. */
function boxOf(
  doc: Doc,
  wiring: Wiring,
  id: string,
  shown: ReadonlyMap<string, Point>,
): Box | null {
  const node = wiring.nodes.get(id)
  if (node) {
    const at = shown.get(id) ?? storedAt(doc, id)
    return at && { x: at.x, y: at.y, ...sizeOf(node) }
  }
  const { table, key } = targetOf(doc, id)
  const record = row(doc, table, key)
  if (table === 'nodes' || record === undefined) return null
  const number = (field: string, otherwise: number) => {
    const value = fieldOf(record, [field])
    return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
  }
  return {
    x: number('x', 0),
    y: number('y', 0),
    width: number('width', NOTE_WIDTH),
    height: number('height', 120),
  }
}

function alignedPlaces(boxes: ReadonlyMap<string, Box>, how: Alignment): Map<string, Point> {
  const all = [...boxes.values()]
  const leftmost = Math.min(...all.map((box) => box.x))
  const right = Math.max(...all.map((box) => box.x + box.width))
  const top = Math.min(...all.map((box) => box.y))
  const bottom = Math.max(...all.map((box) => box.y + box.height))
  const places = new Map<string, Point>()
  if (how === 'distribute-x' || how === 'distribute-y') {
    const [axis, side] =
      how === 'distribute-x' ? (['x', 'width'] as const) : (['y', 'height'] as const)
    const inOrder = [...boxes].sort(([, a], [, b]) => a[axis] - b[axis])
    const total = all.reduce((sum, box) => sum + box[side], 0)
    const span = how === 'distribute-x' ? right - leftmost : bottom - top
    const gap = (span - total) / Math.max(inOrder.length - 1, 1)
    let next = how === 'distribute-x' ? leftmost : top
    for (const [id, box] of inOrder) {
      places.set(id, { x: box.x, y: box.y, [axis]: next })
      next += box[side] + gap
    }
    return places
  }
  for (const [id, box] of boxes) {
    const x = {
      left: leftmost,
      right: right - box.width,
      center: (leftmost + right - box.width) / 2,
      top: box.x,
      bottom: box.x,
      middle: box.x,
    }[how]
    const y = {
      top,
      bottom: bottom - box.height,
      middle: (top + bottom - box.height) / 2,
      left: box.y,
      right: box.y,
      center: box.y,
    }[how]
    places.set(id, { x, y })
  }
  return places
}
