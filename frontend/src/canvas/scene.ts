/**
 * The places of everything on the canvas. Painter, nodes, minimap, hit tests and gestures all ask
 * here, so that they never disagree. What is moved right now counts where it is shown.
 */

import type { Doc } from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { type EditorState, editor } from '../editor/store'
import { BoxIndex, meets } from '../graph/boxIndex'
import { type Box, covers, holds, type Point, portOf, sizeOf, storedAt } from '../graph/geometry'
import type { Wire, Wiring, WiringNode } from '../graph/wiring'
import { runs, stepShown } from '../run/store'
import { places } from './placing'
import { canvas } from './state'

const FRAME = 'frame:'
const NOTE = 'note:'
const NOTE_SIZE = { width: 200, height: 96 }
const FRAME_SIZE = { width: 480, height: 320 }
export const FRAME_HEAD = 40
const LEAST = { width: 80, height: 48 }

/** A frame or a note, by its id in the selection. */
export interface Sheet {
  readonly id: string
  readonly key: string
  readonly type: 'frame' | 'note'
  readonly text: string
  readonly hue: number | null
  readonly box: Box
}

export interface Scene {
  /** Nodes by id, in order. */
  readonly nodes: ReadonlyMap<string, Box>
  readonly sheets: ReadonlyMap<string, Sheet>
}

let cache: { wiring: Wiring; doc: Doc; turns: string; scene: Scene } | null = null
let keptSheets: { frames: unknown; notes: unknown; sheets: ReadonlyMap<string, Sheet> } | null =
  null

/** Everything, where the document says it is. */
export function sceneOf(state: EditorState = editor()): Scene {
  const { wiring, doc } = state
  const turns = turnsNow()
  if (cache?.wiring === wiring && cache.doc.nodes === doc.nodes && cache.turns === turns) {
    const sheets = sheetsOf(doc)
    if (sheets === cache.scene.sheets) return cache.scene
    cache = { ...cache, doc, scene: { nodes: cache.scene.nodes, sheets } }
    return cache.scene
  }
  const nodePlaces = places(doc, wiring)
  const nodes = new Map<string, Box>()
  for (const node of wiring.nodes.values()) {
    const at = storedAt(doc, node.id) ?? nodePlaces.get(node.id) ?? { x: 0, y: 0 }
    nodes.set(node.id, { x: at.x, y: at.y, ...sizeNow(node) })
  }
  const scene = { nodes, sheets: sheetsOf(doc) }
  cache = { wiring, doc, turns, scene }
  return scene
}

/** A node that waits for a person is taller by its button. */
export function hasButton(id: string): boolean {
  const step = stepShown(runs().steps, id)
  return step?.status === 'waiting' && !step.asks
}

function sizeNow(node: WiringNode) {
  return sizeOf(node, hasButton(node.id) ? 1 : 0)
}

let turnSteps: unknown = null
let turnKeys = ''

function turnsNow(): string {
  const { steps } = runs()
  if (steps !== turnSteps) {
    turnSteps = steps
    turnKeys = Object.keys(steps).filter(hasButton).join('\n')
  }
  return turnKeys
}

function sheetsOf(doc: Doc): ReadonlyMap<string, Sheet> {
  if (keptSheets?.frames === doc.frames && keptSheets.notes === doc.notes) return keptSheets.sheets
  const sheets = new Map<string, Sheet>()
  for (const key of doc.frames.order) {
    const sheet = sheetOf(doc, 'frame', key)
    if (sheet) sheets.set(sheet.id, sheet)
  }
  for (const key of doc.notes.order) {
    const sheet = sheetOf(doc, 'note', key)
    if (sheet) sheets.set(sheet.id, sheet)
  }
  keptSheets = { frames: doc.frames, notes: doc.notes, sheets }
  return sheets
}

export function sheetOf(doc: Doc, type: 'frame' | 'note', key: string): Sheet | null {
  const record = row(doc, type === 'frame' ? 'frames' : 'notes', key)
  if (!isObject(record)) return null
  const number = (name: string) => {
    const value = own(record, name)
    return typeof value === 'number' && Number.isFinite(value) ? value : null
  }
  const content = own(record, type === 'frame' ? 'title' : 'text')
  const size = type === 'frame' ? FRAME_SIZE : NOTE_SIZE
  const box = {
    x: number('x') ?? 0,
    y: number('y') ?? 0,
    width: Math.max(number('width') ?? size.width, LEAST.width),
    height: Math.max(number('height') ?? size.height, LEAST.height),
  }
  const text = typeof content === 'string' ? content : ''
  const id = (type === 'frame' ? FRAME : NOTE) + key
  return { id, key, type, text, hue: number('hue'), box }
}

/** The key of a frame or note in its table; nodes are their own. */
export function keyOf(id: string): string {
  if (id.startsWith(FRAME)) return id.slice(FRAME.length)
  return id.startsWith(NOTE) ? id.slice(NOTE.length) : id
}

export function isSheet(id: string): boolean {
  return id.startsWith(FRAME) || id.startsWith(NOTE)
}

/** Return the present box of something, or null when it is not there. */
export function boxOf(id: string): Box | null {
  const scene = sceneOf()
  const box = scene.nodes.get(id) ?? scene.sheets.get(id)?.box
  if (!box) return null
  const movedTo = canvas().moving?.get(id)
  return movedTo ? { ...box, ...movedTo } : box
}

/** Boxes of all nodes and sheets as shown now. */
export function* everything(): Generator<[string, Box]> {
  const scene = sceneOf()
  const { moving } = canvas()
  for (const [id, box] of scene.nodes) yield [id, shiftBox(box, moving?.get(id))]
  for (const [id, sheet] of scene.sheets) yield [id, shiftBox(sheet.box, moving?.get(id))]
}

export function shiftBox(box: Box, moved: Point | undefined): Box {
  return moved ? { x: moved.x, y: moved.y, width: box.width, height: box.height } : box
}

const indexes = new WeakMap<Scene['nodes'], BoxIndex<string>>()

function indexOf({ nodes }: Scene): BoxIndex<string> {
  let index = indexes.get(nodes)
  if (!index) {
    index = new BoxIndex(nodes)
    indexes.set(nodes, index)
  }
  return index
}

/** The places of things while they are moved. */
export type Moving = ReadonlyMap<string, Point>

/** Nodes that touch a box as shown now, the topmost last. moving: null for where they are stored. */
export function nodesIn(
  box: Box,
  scene: Scene = sceneOf(),
  moving: Moving | null = canvas().moving,
): (readonly [string, Box])[] {
  const index = indexOf(scene)
  const nearby = index.in(box)
  if (!moving) return nearby
  const all = nearby.filter(([id]) => !moving.has(id))
  for (const [id, at] of moving) {
    const home = scene.nodes.get(id)
    const now = home && shiftBox(home, at)
    if (now && meets(now, box)) all.push([id, now])
  }
  return all.sort(([one], [other]) => index.rankOf(one) - index.rankOf(other))
}

/** Nodes that come so near to a point, the topmost last. */
export function nodesAround({ x, y }: Point, reach: number): (readonly [string, Box])[] {
  return nodesIn({ x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach })
}

/** Sheets that touch a box as shown now. There are few of them. */
export function sheetsIn(
  box: Box,
  scene: Scene = sceneOf(),
  moving: Moving | null = canvas().moving,
): (readonly [Sheet, Box])[] {
  return [...scene.sheets.values()]
    .map((sheet) => [sheet, shiftBox(sheet.box, moving?.get(sheet.id))] as const)
    .filter(([, shown]) => meets(shown, box))
}

/** The places of all nodes as shown, for edits that store what was never stored. */
export function shownPlaces(): Map<string, Point> {
  const points = new Map<string, Point>()
  for (const [id, box] of sceneOf().nodes) points.set(id, { x: box.x, y: box.y })
  return points
}

const ports = new WeakMap<WiringNode, Map<string, Point>>()

/** The middle of a port from its node's corner; the edge's middle when it is not shown. */
export function portPlace(node: WiringNode, side: 'in' | 'out', socket: string): Point {
  let ends = ports.get(node)
  if (!ends) {
    ends = new Map()
    ports.set(node, ends)
  }
  const name = side + socket
  let at = ends.get(name)
  if (!at) {
    const { width, height } = sizeOf(node)
    at = portOf(node, side, socket) ?? { x: side === 'in' ? 0 : width, y: height / 2 }
    ends.set(name, at)
  }
  return at
}

type Ends = [Point, Point]

/** The two ends of a wire as shown now, or null when a node is missing. */
export function endsOf(wire: Wire, wiring: Wiring, scene: Scene): Ends | null {
  const { moving } = canvas()
  return endsAt(wire, wiring, (id) => moving?.get(id) ?? scene.nodes.get(id))
}

/** The two ends of a wire where the document says that its nodes are. */
export function storedEnds(wire: Wire, wiring: Wiring, scene: Scene): Ends | null {
  return endsAt(wire, wiring, (id) => scene.nodes.get(id))
}

function endsAt(wire: Wire, wiring: Wiring, place: (id: string) => Point | undefined): Ends | null {
  const source = wiring.nodes.get(wire.source)
  const target = wiring.nodes.get(wire.target)
  const from = place(wire.source)
  const to = place(wire.target)
  if (!source || !target || !from || !to) return null
  const out = portPlace(source, 'out', wire.sourceSocket)
  const into = portPlace(target, 'in', wire.targetSocket)
  return [
    { x: from.x + out.x, y: from.y + out.y },
    { x: to.x + into.x, y: to.y + into.y },
  ]
}

/** The port of a node in canvas coordinates. */
export function portPoint(id: string, side: 'in' | 'out', socket: string): Point | null {
  const node = editor().wiring.nodes.get(id)
  const box = boxOf(id)
  if (!node || !box) return null
  const at = portPlace(node, side, socket)
  return { x: box.x + at.x, y: box.y + at.y }
}

/** The topmost node, note or head of a frame under a point. */
export function under(point: Point): string | null {
  let hit: string | null = null
  const scene = sceneOf()
  const { moving } = canvas()
  const sheets = (type: Sheet['type'], head: number) => {
    for (const [id, sheet] of scene.sheets) {
      if (sheet.type !== type) continue
      const box = shiftBox(sheet.box, moving?.get(id))
      if (holds({ ...box, height: Math.min(box.height, head) }, point)) hit = id
    }
  }
  sheets('frame', FRAME_HEAD)
  hit = nodesAround(point, 0).at(-1)?.[0] ?? hit
  sheets('note', Infinity)
  return hit
}

/** Add to some things what moves along: everything that is wholly inside the frames among them. */
export function withContents(ids: Iterable<string>): Set<string> {
  const all = new Set(ids)
  for (const id of [...all]) {
    if (!id.startsWith(FRAME)) continue
    const frame = boxOf(id)
    if (!frame) continue
    for (const [other, box] of everything()) if (other !== id && covers(frame, box)) all.add(other)
  }
  return all
}

/** The frame that holds this wholly, the smallest one; null when none does. */
export function frameOf(id: string): { id: string; box: Box } | null {
  const box = boxOf(id)
  if (!box) return null
  let match: { id: string; box: Box } | null = null
  for (const sheet of sceneOf().sheets.values()) {
    if (sheet.type !== 'frame' || sheet.id === id) continue
    const { x, y, width, height } = sheet.box
    const isInside =
      box.x >= x && box.y >= y && box.x + box.width <= x + width && box.y + box.height <= y + height
    if (isInside && (!match || width < match.box.width)) match = sheet
  }
  return match
}
