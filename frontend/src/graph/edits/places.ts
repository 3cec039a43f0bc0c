/** Edits of places on the canvas: moves, frames, notes. */

import type { Doc, Json, JsonObject, Op } from '../../api/schema'
import { row } from '../../document/ops'
import { Draft, type Edit, edit, nameOf, targetOf } from '../edit'
import { type Box, type Point, snap, storedAt } from '../geometry'
import { unused } from '../words'

/** More than this: whole rows are put, one op each instead of two. */
const MANY = 200
export const NOTE_WIDTH = 200

/**
 * Put nodes, frames and notes somewhere. shown: where nodes without a stored place are shown now;
 * they are stored along, so that the first move does not make the others jump.
 */
export function moveNodes(
  doc: Doc,
  moves: ReadonlyMap<string, Point>,
  shown: ReadonlyMap<string, Point> = new Map(),
): Edit {
  const draft = new Draft(doc)
  draft.add(...placeOps(doc, moves))
  const isNode = [...moves.keys()].some((id) => targetOf(doc, id).table === 'nodes')
  if (isNode) {
    const rest = new Map([...shown].filter(([id]) => !moves.has(id) && !storedAt(doc, id)))
    draft.add(...placeOps(doc, rest))
  }
  const first = [...moves.keys()][0] ?? ''
  const what = moves.size === 1 ? nameOf(doc, first) : `${moves.size} items`
  return edit(`Move ${what}`, draft.ops)
}

/** The ops that put nodes, frames and notes somewhere. */
export function placeOps(doc: Doc, moves: ReadonlyMap<string, Point>): Op[] {
  const ops: Op[] = []
  for (const [id, point] of moves) {
    const { table, key } = targetOf(doc, id)
    const before = row(doc, table, key)
    const at: JsonObject = { x: snap(point.x), y: snap(point.y) }
    if (typeof before !== 'object' || before === null || Array.isArray(before)) {
      if (table === 'nodes') ops.push({ op: 'put', table, key, value: { stageId: key, ...at } })
      continue
    }
    const changes = Object.entries(at).filter(([axis, value]) => before[axis] !== value)
    if (changes.length === 0) continue
    if (moves.size > MANY) ops.push({ op: 'put', table, key, value: { ...before, ...at } })
    else
      for (const [axis, value] of changes) ops.push({ op: 'set', table, key, path: [axis], value })
  }
  return ops
}

/** A frame round a part of the canvas. It moves what is inside; that is the canvas's business. */
export function addFrame(doc: Doc, box: Box, title = 'Frame'): Edit {
  const key = unused('frame', (taken) => row(doc, 'frames', taken) !== undefined)
  const value = { id: key, ...snapBox(box), title }
  return edit('Add a frame', [{ op: 'put', table: 'frames', key, value }], [`frame:${key}`])
}

export function addNote(doc: Doc, at: Point, text = '', width = NOTE_WIDTH): Edit {
  const key = unused('note', (taken) => row(doc, 'notes', taken) !== undefined)
  const value = { id: key, x: snap(at.x), y: snap(at.y), width: snap(width), text }
  return edit('Add a note', [{ op: 'put', table: 'notes', key, value }], [`note:${key}`])
}

type FrameFields = Partial<Box> & { title?: string; hue?: number | undefined }
type NoteFields = Partial<Box> & { text?: string }

/** Change fields of a frame, by its key. `hue: undefined` takes its color away. */
export function setFrame(doc: Doc, key: string, fields: FrameFields): Edit {
  return setFields(doc, 'frames', key, fields)
}

/** Change fields of a note, by its key. */
export function setNote(doc: Doc, key: string, fields: NoteFields): Edit {
  return setFields(doc, 'notes', key, fields)
}

function setFields(
  doc: Doc,
  table: 'frames' | 'notes',
  key: string,
  fields: Readonly<Record<string, Json | undefined>>,
): Edit {
  const draft = new Draft(doc)
  if (row(doc, table, key) !== undefined)
    for (const [name, value] of Object.entries(fields)) {
      const isPlace = typeof value === 'number' && name !== 'hue'
      draft.set(table, key, [name], isPlace ? snap(value) : value)
    }
  const id = `${table === 'frames' ? 'frame' : 'note'}:${key}`
  return edit(`Change ${nameOf(doc, id)}`, draft.ops)
}

function snapBox(box: Box): JsonObject {
  const { x, y, width, height } = box
  return { x: snap(x), y: snap(y), width: snap(width), height: snap(height) }
}
