/** The stages inside a stage, put in its place as ordinary ones; and one in the place of several. */

import type { Doc, Json, JsonObject, Op } from '../../api/schema'
import { isObject, own, row } from '../../document/ops'
import { findRefs } from '../bindings'
import { readableStages, readStage, type StageRecord } from '../documentReaders'
import { Draft, type Edit, edit, fieldOf, nameOf } from '../edit'
import { asksForApproval, conditionOf } from '../flow'
import { type Box, bounds, GAP, holds, type Point, sizeOf, storedAt, touches } from '../geometry'
import { columnsOf, placesOf } from '../layout'
import { groupOf, hasOwnCall } from '../nesting'
import { isTemplate, type ToolTable } from '../tools'
import { readWiring, type Wiring } from '../wiring'
import { unused } from '../words'
import { moveNodes, placeOps } from './places'

/** More nodes than these are left where they are: a change holds a few hundred ops. */
const MOST_MOVED = 150

/**
 * Return the reason that a stage can't be unpacked as it is, or null. What is true of the stage as a
 * whole has no place once its stages are by themselves.
 */
export function notUnpackable(doc: Doc, key: string): string | null {
  const record = row(doc, 'stages', key)
  const { type, subStages, id, isBypassed, tool } = readStage(record)
  if (!isObject(record) || (subStages.length === 0 && !isTemplate(tool)))
    return 'Select a stage with stages inside first.'
  if (type === 'batch')
    return subStages.length > 0
      ? 'Its stages run for each item, so they stay inside.'
      : 'Choose “Run once” first.'
  // The server gives the condition of a template stage to each of its stages.
  if (conditionOf(record) && subStages.length > 0) return 'Set its condition to Always first.'
  if (asksForApproval(record)) return 'Turn off “Pause for approval” first.'
  if (isBypassed) return 'Turn off “Bypass” first.'
  if (![undefined, null, 'stop'].includes(own(record, 'onError') as string | undefined))
    return 'Set “If it fails” to “Stop the run” first.'
  const follower = readableStages(doc).find((other) => {
    const condition = conditionOf(row(doc, 'stages', other))
    return condition?.stageId === id
  })
  return follower === undefined ? null : `Change the condition of ${nameOf(doc, follower)} first.`
}

/**
 * Put the stages inside a stage in its place: its own call first, where it has one, with its id.
 * points: the current positions of the nodes.
 */
export function unpack(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  key: string,
  points: ReadonlyMap<string, Point> = placesOf(doc, wiring),
): Edit {
  const label = `Unpack ${nameOf(doc, key)}`
  const record = row(doc, 'stages', key)
  if (notUnpackable(doc, key) !== null || !isObject(record)) return edit(label, [])
  const stage = readStage(record)
  const draft = new Draft(doc)
  const isCall = hasOwnCall(stage)
  const { produces } = groupOf(stage)
  const names = isCall ? produces.slice(1) : produces
  const keys = isCall ? [key] : []
  let after = key
  stage.subStages.forEach((inner, at) => {
    const { id } = readStage(inner)
    const fresh = unused(id, (taken) => row(draft.doc, 'stages', taken) !== undefined)
    const value = memberOutside(inner, stage, names[at] ?? [])
    draft.add({ op: 'put', table: 'stages', key: fresh, value, after })
    keys.push(fresh)
    after = fresh
  })
  if (isCall) {
    const ownNames = stage.produces.filter((name) => !isMadeAnew(stage, name))
    if (ownNames.length < stage.produces.length)
      draft.set('stages', key, ['produces'], ownNames.length > 0 ? ownNames : undefined)
    draft.set('stages', key, ['subStages'], undefined)
  } else
    for (const table of ['stages', 'nodes', 'seeds'] as const)
      if (row(draft.doc, table, key) !== undefined) draft.add({ op: 'remove', table, key })
  placeAt(key, draft, doc, wiring, tools, keys, points)
  return edit(label, draft.ops, keys)
}

/** Put the stages of a template in its stage's place. answer: the server's ops, and their keys. */
export function unpackedFrom(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  key: string,
  answer: { readonly ops: readonly Op[]; readonly keys: readonly string[] },
  points: ReadonlyMap<string, Point>,
): Edit {
  const draft = new Draft(doc)
  draft.add(...answer.ops)
  placeAt(key, draft, doc, wiring, tools, answer.keys, points)
  return edit(`Unpack ${nameOf(doc, key)}`, draft.ops, [...answer.keys])
}

/** Put one stage near the place of those that became its template. answer: the server's. */
export function collapsedFrom(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  keys: readonly string[],
  title: string,
  answer: { readonly ops: readonly Op[]; readonly keys: readonly string[] },
  points: ReadonlyMap<string, Point> = placesOf(doc, wiring),
): Edit {
  const draft = new Draft(doc)
  draft.add(...answer.ops)
  const around = bounds(
    keys.flatMap((one) => {
      const at = points.get(one)
      return (at && boxOf(wiring, one, at)) ?? []
    }),
  )
  const after = readWiring(draft.doc, tools, wiring)
  const node = after.nodes.get(answer.keys[0] ?? '')
  if (node && around && doc.nodes.order.some((id) => storedAt(doc, id))) {
    const size = sizeOf(node)
    const x = around.x + (around.width - size.width) / 2
    const y = around.y + (around.height - size.height) / 2
    const others = new Map([...points].filter(([id]) => after.nodes.has(id)))
    const boxes = [...others].flatMap(([id, at]) => boxOf(after, id, at) ?? [])
    const at = { x, y: y + clearance([{ x, y, ...size }], boxes) }
    draft.add(...moveNodes(draft.doc, new Map([[node.id, at]]), others).ops)
  }
  return edit(`Make template ${title}`, draft.ops, [...answer.keys])
}

/** Lay out stages where the one was, in a document that keeps places at all. */
function placeAt(
  key: string,
  draft: Draft,
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  keys: readonly string[],
  points: ReadonlyMap<string, Point>,
): void {
  const corner = points.get(key)
  if (corner && doc.nodes.order.some((node) => storedAt(doc, node)))
    place(draft, readWiring(draft.doc, tools, wiring), keys, corner, points)
}

/** Return a stage as it is outside: with what its group waits for, and the names it makes. */
function memberOutside(
  record: JsonObject,
  group: StageRecord,
  names: readonly string[],
): JsonObject {
  const stage = readStage(record)
  const value: JsonObject = { ...record }
  const lists: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['requiredArtifactsIn', stage.requires, group.requires],
    ['optionalArtifactsIn', stage.optional, group.optional],
    ['produces', stage.produces, names],
  ]
  for (const [field, before, more] of lists) {
    const list = [...new Set([...before, ...more])]
    if (list.length > before.length) value[field] = list
  }
  return value
}

/** Return true if a stage inside makes a name of the call, and none takes the call's before that. */
function isMadeAnew(stage: StageRecord, name: string): boolean {
  const maker = stage.subStages.findIndex((record) => readStage(record).makes.includes(name))
  if (maker < 0) return false
  return !stage.subStages.slice(0, maker + 1).some((record) => takes(record, name))
}

function takes(record: Json, name: string): boolean {
  const { requires, optional, subStages } = readStage(record)
  return (
    requires.includes(name) ||
    optional.includes(name) ||
    fieldOf(record, ['condition', 'artifactName']) === name ||
    findRefs(record).some(({ read: ref }) => {
      return ref.type === 'ref' && ref.root === 'artifacts' && ref.name === name
    }) ||
    subStages.some((inner) => takes(inner, name))
  )
}

// -- places --------------------------------------------------------------------------------------

/** Lay out stages as a template is, from a corner on. What is right of it moves aside. */
function place(
  draft: Draft,
  wiring: Wiring,
  keys: readonly string[],
  corner: Point,
  points: ReadonlyMap<string, Point>,
): void {
  const laidOut = columnsOf(wiring, keys)
  const width = Math.max(...[...laidOut.values()].map(({ x }) => x))
  const others = [...points].filter(([id]) => wiring.nodes.has(id) && !keys.includes(id))
  const right = others.filter(([id, at]) => at.x > corner.x && storedAt(draft.doc, id))
  const moves = new Map<string, Point>()
  if (width > 0 && right.length <= MOST_MOVED) {
    for (const [id, at] of right) moves.set(id, { x: at.x + width, y: at.y })
    moveSheets(draft, corner, width)
  }
  const boxes = others.flatMap(([id, at]) => boxOf(wiring, id, moves.get(id) ?? at) ?? [])
  const fresh = [...laidOut].flatMap(([key, { x, y }]) => {
    const box = boxOf(wiring, key, { x: corner.x + x, y: corner.y + y })
    return box ? [[key, box] as const] : []
  })
  const down = clearance(
    fresh.map(([, box]) => box),
    boxes,
  )
  for (const [key, { x, y }] of fresh) moves.set(key, { x, y: y + down })
  draft.add(...placeOps(draft.doc, moves))
}

/** Return the distance down to where boxes, as they are to each other, touch none of the others. */
function clearance(boxes: readonly Box[], others: readonly Box[]): number {
  let down = 0
  for (;;) {
    const steps = boxes.flatMap((box) =>
      others
        .filter((other) => touches(other, { ...box, y: box.y + down }))
        .map((other) => other.y + other.height + GAP - box.y),
    )
    if (steps.length === 0) return down
    down = Math.max(...steps)
  }
}

/** Frames and notes right of a corner move aside, and a frame around it becomes wider. */
function moveSheets(draft: Draft, corner: Point, width: number): void {
  for (const table of ['frames', 'notes'] as const)
    for (const key of draft.doc[table].order) {
      const box = boxFrom(row(draft.doc, table, key))
      if (!box) continue
      if (box.x > corner.x) draft.set(table, key, ['x'], box.x + width)
      else if (table === 'frames' && holds(box, corner))
        draft.set(table, key, ['width'], box.width + width)
    }
}

function boxOf(wiring: Wiring, key: string, at: Point): Box | null {
  const node = wiring.nodes.get(key)
  return node ? { ...at, ...sizeOf(node) } : null
}

function boxFrom(record: Json | undefined): Box | null {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => fieldOf(record, [name]))
  if (typeof x !== 'number' || typeof y !== 'number') return null
  return {
    x,
    y,
    width: typeof width === 'number' ? width : 0,
    height: typeof height === 'number' ? height : 0,
  }
}
