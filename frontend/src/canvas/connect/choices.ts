/** Choices to add, to nothing, to an end of an edge, or into an edge; and the edit for each. */

import type { InputType, SocketKind, Tool } from '../../api/schema'
import type { End, Point } from '../../editor/store'
import { INPUT_CHOICES, STAGE_CHOICES, type StageChoice } from '../../graph/choices'
import { canConnect, isBetween, socketFor, toolsBetween, toolsFor } from '../../graph/connect'
import type { Edit } from '../../graph/edit'
import { addFlowStage } from '../../graph/edits/flow'
import { addInput } from '../../graph/edits/names'
import { addNote, moveNodes } from '../../graph/edits/places'
import { addStage, insertOnEdge } from '../../graph/edits/stages'
import { COLUMN, GRID, NODE_WIDTH, previewHeight, snap } from '../../graph/geometry'
import { descendantsOf } from '../../graph/order'
import { AFTER, INPUTS, OUT, OVER, type Wire } from '../../graph/wiring'
import { type Ask, chain } from './chain'

/** From the top of a node's ports to the middle of the first. */
const FIRST_PORT = 60
const GAP = COLUMN - NODE_WIDTH

export type Part =
  | { readonly type: 'tool'; readonly tool: Tool }
  | { readonly type: 'input'; readonly inputType: InputType }
  | { readonly type: 'stage'; readonly stageType: StageChoice['type'] }
  | { readonly type: 'note' }

/** The place for an addition. at: the point that was meant; null: the layout finds a place. */
export type Place =
  | { readonly type: 'free'; readonly at: Point | null }
  | { readonly type: 'end'; readonly end: End; readonly at: Point | null }
  | {
      readonly type: 'wire'
      readonly wire: Wire
      /** The points on the canvas at which it begins and ends. */
      readonly ends: readonly [Point, Point] | null
      /** The places of nodes on screen, so that room can be made. */
      readonly shown: ReadonlyMap<string, Point>
    }

export interface Choice {
  readonly part: Part
  /** Between: it takes what flows and makes what is wanted. Beside: it fits one side of an edge. */
  readonly fit: 'fits' | 'between' | 'takes' | 'makes'
}

/** Everything that can be added there; what nothing on this server provides comes last. */
export function choicesFor(ask: Ask, place: Place): Choice[] {
  const isIdle = ({ part }: Choice) => part.type === 'tool' && !part.tool.isProvided
  const choices = allFor(ask, place)
  return [...choices.filter((choice) => !isIdle(choice)), ...choices.filter(isIdle)]
}

function allFor(ask: Ask, place: Place): Choice[] {
  if (place.type === 'free') {
    const tools = ask.tools.all.map((tool): Part => ({ type: 'tool', tool }))
    const inputs = INPUT_CHOICES.map(({ type }): Part => ({ type: 'input', inputType: type }))
    const stages = STAGE_CHOICES.map(({ type }): Part => ({ type: 'stage', stageType: type }))
    return [...tools, ...inputs, ...stages, { type: 'note' } as const].map(fitting)
  }
  return place.type === 'end' ? forEnd(ask, place.end) : forWire(ask, place.wire)
}

function fitting(part: Part): Choice {
  return { part, fit: 'fits' }
}

function forEnd(ask: Ask, end: End): Choice[] {
  const { tools } = ask
  const isOrder = end.socket === AFTER || end.socket === OVER
  const isSource = end.side === 'out'
  let matches = toolsFor(tools, end.kind, isSource ? 'after' : 'before')
  // Results of stages fill media ports only; settings are for inputs.
  if (isSource && end.node !== INPUTS)
    matches = matches.filter(({ socket }) => socket.startsWith('port:'))
  const fits = (!isSource && end.socket.startsWith('arg:') ? [] : matches).map(({ tool }) => tool)
  const parts: Part[] = fits.map((tool) => ({ type: 'tool', tool }))
  // Nothing takes a decision itself, but everything can wait for it.
  if (isOrder || (isSource && end.node !== INPUTS && end.kind === 'choice'))
    parts.push(...tools.all.map((tool): Part => ({ type: 'tool', tool })))
  const others: Part[] = [
    ...(isSource
      ? []
      : INPUT_CHOICES.map(({ type }): Part => ({ type: 'input', inputType: type }))),
    ...STAGE_CHOICES.map(({ type }): Part => ({ type: 'stage', stageType: type })),
  ]
  const place: Place = { type: 'end', end, at: null }
  parts.push(...others.filter((part) => editFor(ask, part, place) !== null))
  return parts.map(fitting)
}

function forWire(ask: Ask, wire: Wire): Choice[] {
  const target = kindWanted(ask, wire)
  const between =
    wire.source === INPUTS && !isMedia(wire) ? [] : toolsBetween(ask.tools, wire.kind, target)
  const inside = new Set(between)
  const choices: Choice[] = between.map((tool) => ({
    part: { type: 'tool', tool },
    fit: 'between',
  }))
  const isNew = (tool: Tool) => !inside.has(tool)
  for (const { tool, socket } of toolsFor(ask.tools, wire.kind, 'after'))
    if (isNew(tool) && (socket.startsWith('port:') || wire.source === INPUTS))
      choices.push({ part: { type: 'tool', tool }, fit: 'takes' })
  if (wire.targetSocket.startsWith('port:'))
    for (const { tool } of toolsFor(ask.tools, target, 'before'))
      if (isNew(tool)) choices.push({ part: { type: 'tool', tool }, fit: 'makes' })
  return choices
}

function isMedia(wire: Wire): boolean {
  return wire.targetSocket.startsWith('port:')
}

function kindWanted({ wiring }: Ask, wire: Wire): SocketKind {
  const target = wiring.nodes.get(wire.target)
  return target?.inputs.find((socket) => socket.key === wire.targetSocket)?.kind ?? wire.kind
}

/** The edit that adds a part there, connected and selected; null when it does not fit. */
export function editFor(
  ask: Ask,
  part: Part,
  place: Place,
  fit: Choice['fit'] = 'fits',
): Edit | null {
  if (place.type === 'wire') return part.type === 'tool' ? onWire(ask, part.tool, place, fit) : null
  const end = place.type === 'end' ? place.end : null
  const { at } = place
  switch (part.type) {
    case 'note':
      return at && !end ? addNote(ask.doc, at) : null
    case 'tool':
      return end
        ? toolAt(ask, part.tool, end, at)
        : addStage(ask.doc, ask.wiring, ask.tools, part.tool, at)
    case 'stage':
      return stageAt(ask, part.stageType, end, at)
    case 'input':
      return inputAt(ask, part.inputType, end, at)
  }
}

function toolAt(ask: Ask, tool: Tool, end: End, at: Point | null): Edit | null {
  const { doc, wiring, tools } = ask
  const corner = at && cornerFor(at, end, tool.output ?? 'choice')
  const socket = end.side === 'out' ? socketFor(tool, end.kind) : OUT
  const isOrder =
    end.side === 'out' &&
    end.node !== INPUTS &&
    (socket === null || !socket.startsWith('port:') || end.kind === 'choice')
  if (!isOrder)
    return addStage(doc, wiring, tools, tool, corner, {
      ...(end.side === 'out' ? { connectFrom: end } : { connectTo: end }),
    })
  return addAndConnect(ask, () => addStage(doc, wiring, tools, tool, corner), end, AFTER)
}

function stageAt(
  ask: Ask,
  type: StageChoice['type'],
  end: End | null,
  at: Point | null,
): Edit | null {
  const corner = at && end ? cornerFor(at, end, 'choice') : at
  const add = () => addFlowStage(ask.doc, type, corner)
  if (!end) return add()
  if (end.side === 'in') return addAndConnect(ask, add, end, OUT)
  return addAndConnect(ask, add, end, type === 'batch' ? OVER : AFTER)
}

function inputAt(ask: Ask, type: InputType, end: End | null, at: Point | null): Edit | null {
  if (!end) return addInput(ask.doc, type, undefined, at)
  const target = ask.wiring.nodes.get(end.node)?.inputs.find((known) => known.key === end.socket)
  const add = addInput(ask.doc, type, target?.title.toLowerCase())
  const op = add.ops.find((known) => known.op === 'put' && known.table === 'inputs')
  if (!op) return null
  return chain(
    ask,
    [() => add, (now) => legal(now, { node: INPUTS, socket: op.key }, end)],
    add.label,
  )
}

/** Add a stage, then join it: for sockets that `addStage` would not choose by itself. */
function addAndConnect(ask: Ask, add: () => Edit, end: End, socket: string): Edit | null {
  const addition = add()
  const key = addition.select?.[0]
  if (key === undefined) return null
  return chain(
    ask,
    [() => addition, (now) => legal(now, end, { node: key, socket })],
    addition.label,
  )
}

function legal(
  { doc, wiring, tools }: Ask,
  from: { node: string; socket: string },
  to: { node: string; socket: string },
): Edit | null {
  const connection = canConnect(doc, wiring, tools, from, to)
  return connection.ok ? { label: connection.label, ops: connection.ops } : null
}

/** The corner that puts the new port under the point at which the edge was dropped. */
function cornerFor(at: Point, end: End, kind: SocketKind): Point {
  return {
    x: snap(end.side === 'out' ? at.x : at.x - NODE_WIDTH),
    y: snap(at.y - previewHeight(kind) - FIRST_PORT),
  }
}

function onWire(
  ask: Ask,
  tool: Tool,
  place: Extract<Place, { type: 'wire' }>,
  fit: Choice['fit'],
): Edit | null {
  const { wire, ends, shown } = place
  const { doc, wiring, tools } = ask
  const kind = tool.output ?? 'choice'
  const middle = ends && { x: (ends[0].x + ends[1].x) / 2, y: (ends[0].y + ends[1].y) / 2 }
  if (fit === 'takes' || fit === 'makes') {
    // Beside the edge, a little lower, so that both can be seen.
    const at = middle && { x: snap(middle.x - NODE_WIDTH / 2), y: snap(middle.y + 60) }
    const source = { node: wire.source, socket: wire.sourceSocket }
    const target = { node: wire.target, socket: wire.targetSocket }
    return addStage(doc, wiring, tools, tool, at, {
      ...(fit === 'takes' ? { connectFrom: source } : { connectTo: target }),
    })
  }
  if (!isBetween(tool, wire.kind, kindWanted(ask, wire))) return null
  const least = ends && ends[0].x + GAP
  const x = middle && least !== null ? Math.max(least, middle.x - NODE_WIDTH / 2) : 0
  const at = middle && { x: snap(x), y: snap(middle.y - previewHeight(kind) - FIRST_PORT) }
  const insert = insertOnEdge(doc, wiring, tools, wire, tool, at)
  const room = at && makeRoom(ask, wire, at.x + NODE_WIDTH + GAP, shown)
  return room ? chain(ask, [() => room, () => insert], insert.label) : insert
}

/** Move what is after the edge to the right, as far as the new stage needs. */
function makeRoom(
  { doc, wiring }: Ask,
  wire: Wire,
  least: number,
  shown: ReadonlyMap<string, Point>,
): Edit | null {
  const target = shown.get(wire.target)
  if (!target || target.x >= least) return null
  const by = Math.ceil((least - target.x) / GRID) * GRID
  const moves = new Map<string, Point>()
  for (const id of descendantsOf(wiring, wire.target).add(wire.target)) {
    const at = shown.get(id)
    if (at && at.x >= target.x) moves.set(id, { x: at.x + by, y: at.y })
  }
  return moveNodes(doc, moves, shown)
}
