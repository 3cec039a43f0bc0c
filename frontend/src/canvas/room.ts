/** Room for new things: stages, notes, frames and what is pasted get it here, and only here. */

import type { Op } from '../api/schema'
import { isObject } from '../document/ops'
import { BoxIndex } from '../graph/boxIndex'
import type { Edit } from '../graph/edit'
import { placeOps } from '../graph/edits/places'
import {
  type Box,
  bounds,
  covers,
  GAP,
  growBox,
  type Point,
  sizeOf,
  snap,
  storedAt,
} from '../graph/geometry'
import { asked } from './connect/asked'
import { after } from './connect/chain'
import { roomNow } from './connect/floating'
import { FRAME_HEAD, sceneOf, sheetOf, shownPlaces } from './scene'
import { camera } from './view'

/** At this distance from all others, a new thing stays where it was meant to be. */
const LEAST_GAP = 8
/** Room is looked for so far around, in steps that are so long. */
const STEP = 24
const STEPS = 60
const PREFIX: Readonly<Record<string, string>> = { nodes: '', frames: 'frame:', notes: 'note:' }

/** Put what an edit adds into the free room that is nearest to the place it has, in view if it is. */
export function inRoom(edit: Edit): Edit {
  const around = bounds(addedBoxes(edit))
  return around ? moveTo(edit, around, around) : edit
}

/** Put what an edit adds into the middle of what is seen, or near it. across: 0 is at the left. */
export function inView(edit: Edit, across = 0.5): Edit {
  const around = bounds(addedBoxes(edit))
  if (!around) return edit
  const { x, y, width, height } = visibleBox()
  return moveTo(edit, around, {
    ...around,
    x: snap(x + (width - around.width) * across),
    y: snap(y + (height - around.height) / 2),
  })
}

/** Let an edit also keep the places of what no one has put anywhere: beside the first stage that has
 * one, all the others would get a new layout. */
export function withOthers(edit: Edit): Edit {
  if (!edit.ops.some((op) => op.table === 'nodes')) return edit
  const { doc } = after(asked(), edit.ops)
  const others = [...shownPlaces()].filter(([id]) => !storedAt(doc, id))
  return { ...edit, ops: [...edit.ops, ...placeOps(doc, new Map(others))] }
}

/** Put what an edit adds, which is in a box now, near where that box is wanted. */
function moveTo(edit: Edit, now: Box, wanted: Box): Edit {
  const isFrame = edit.select?.some((id) => id.startsWith('frame:')) ?? false
  const next = freeRoom(wanted, isFrame)
  const by = { x: next.x - now.x, y: next.y - now.y }
  const ops = edit.ops.map((op) => (isNew(edit, op) ? shiftOp(op, by) : op))
  return withOthers({ ...edit, ops })
}

function shiftOp(op: Op, by: Point): Op {
  if (op.op !== 'put' || !isObject(op.value)) return op
  const { value } = op
  return { ...op, value: { ...value, x: Number(value.x) + by.x, y: Number(value.y) + by.y } }
}

function isNew({ select }: Edit, { op, table, key }: Op): boolean {
  const prefix = PREFIX[table]
  return op === 'put' && prefix !== undefined && (select?.includes(prefix + key) ?? false)
}

/** List the boxes of what an edit adds. */
function addedBoxes(edit: Edit): Box[] {
  const boxes: Box[] = []
  const { doc, wiring } = after(asked(), edit.ops)
  for (const op of edit.ops) {
    if (!isNew(edit, op)) continue
    const { table, key } = op
    if (table === 'nodes') {
      const node = wiring.nodes.get(key)
      const at = storedAt(doc, key)
      if (node && at) boxes.push({ ...at, ...sizeOf(node) })
    } else {
      const sheet = sheetOf(doc, table === 'frames' ? 'frame' : 'note', key)
      if (sheet) boxes.push(sheet.box)
    }
  }
  return boxes
}

/** The nearest place for a box. isFrame: what is in it would be moved along, so frames are empty. */
function freeRoom(wanted: Box, isFrame: boolean): Box {
  const others = new BoxIndex(taken(isFrame))
  const isFree = (box: Box, gap: number) => others.in(growBox(box, gap)).length === 0
  if (isFree(wanted, LEAST_GAP)) return wanted
  const sight = visibleBox()
  const nearest = (isAllowed: (box: Box) => boolean) => {
    for (const { x, y } of offsets()) {
      const box = { ...wanted, x: snap(wanted.x + x), y: snap(wanted.y + y) }
      if (isAllowed(box) && isFree(box, GAP)) return box
    }
    return null
  }
  const inSight = covers(sight, wanted) ? nearest((box) => covers(sight, box)) : null
  return inSight ?? nearest(() => true) ?? beyond(wanted)
}

/** Right of everything. */
function beyond(wanted: Box): Box {
  const all = bounds(sceneOf().nodes.values())
  return all ? { ...wanted, x: snap(all.x + all.width + GAP) } : wanted
}

/** Yield what nothing may be put on: nodes, notes, heads of frames, tools over the canvas. */
function* taken(isFrame: boolean): Generator<[string, Box]> {
  const { nodes, sheets } = sceneOf()
  yield* nodes
  for (const [id, { type, box }] of sheets) {
    const isOpen = type === 'frame' && !isFrame
    yield [id, isOpen ? { ...box, height: Math.min(box.height, FRAME_HEAD) } : box]
  }
  const tools = document.querySelector('.tools')?.getBoundingClientRect()
  if (!tools) return
  const { zoom } = camera.view
  const at = camera.toPlane({ x: tools.left, y: tools.top })
  yield ['', { ...at, width: tools.width / zoom, height: tools.height / zoom }]
}

/** Return the visible part of the plane, beside the panels that are over it. */
function visibleBox(): Box {
  const room = roomNow()
  const { x, y, zoom } = camera.view
  return {
    x: (room.x - x) / zoom,
    y: (room.y - y) / zoom,
    width: room.width / zoom,
    height: room.height / zoom,
  }
}

let ways: readonly Point[] | null = null

/** Ways from a place, the shortest first; of those that are as long, right and down. */
function offsets(): readonly Point[] {
  if (ways) return ways
  const steps = [0]
  for (let step = 1; step <= STEPS; step += 1) steps.push(step, -step)
  const all = steps.flatMap((y) => steps.map((x) => ({ x: x * STEP, y: y * STEP })))
  ways = all.sort((one, other) => Math.hypot(one.x, one.y) - Math.hypot(other.x, other.y))
  return ways
}
