/** New stages, and the order of all. */

import type { Doc, JsonObject, Op, SocketKind, Tool } from '../../api/schema'
import { row } from '../../document/ops'
import { INPUTS } from '../documentReaders'
import { bindingText, type End, join, replaceAt, writeImplied } from '../edges'
import { Draft, type Edit, edit, freshKey, freshLabel, nameOf } from '../edit'
import { type Point, snap } from '../geometry'
import { ancestorsOf, descendantsOf, orderBefore, predecessor } from '../order'
import { kindOfParameter } from '../sockets'
import { mainText, type ToolTable } from '../tools'
import { fillsList, readWiring, type Wire, type Wiring } from '../wiring'
import { slug } from '../words'
import { keepImplied } from './keep'
import { joinObvious } from './obvious'

/** The ends that a new stage is connected to. A socket of the new stage is chosen by the kind. */
export interface NewStage {
  readonly connectFrom?: End
  readonly connectTo?: End
  readonly label?: string
}

/**
 * Add a stage of a tool. at: its corner, or null to leave that to the layout. It is last, or
 * just before the stage it feeds.
 */
export function addStage(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  tool: Tool,
  at: Point | null,
  { connectFrom, connectTo, label }: NewStage = {},
): Edit {
  const draft = new Draft(doc)
  if (connectFrom && connectTo && connectFrom.node !== INPUTS)
    draft.add(...orderBefore(doc, wiring, connectFrom.node, connectTo.node))
  const before =
    connectTo && row(doc, 'stages', connectTo.node) !== undefined ? connectTo.node : null
  const key = putStage(draft, tool, label ?? tool.title, before)
  if (at) putAt(draft, key, at)
  if (connectFrom) {
    const kind = kindOf(wiring, connectFrom)
    const socket = kind && socketFor(tool, kind)
    if (socket) joinNew(draft, wiring, tools, connectFrom, { node: key, socket })
  }
  if (connectTo) join(draft, wiring, tools, { node: key, socket: 'out' }, connectTo)
  joinObvious(draft, wiring, tools, key)
  return edit(`Add ${label ?? tool.title}`, draft.ops, [key])
}

/** Put a stage into an edge: it takes what flowed there, and its result goes on to the target. */
export function insertOnEdge(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  wire: Wire,
  tool: Tool,
  at: Point | null = null,
): Edit {
  const draft = new Draft(doc)
  if (wire.isBackward && wire.source !== INPUTS)
    draft.add(...orderBefore(doc, wiring, wire.source, wire.target))
  const key = putStage(draft, tool, tool.title, wire.target)
  if (at) putAt(draft, key, at)
  const source: End = { node: wire.source, socket: wire.sourceSocket }
  const socket = socketFor(tool, wire.kind)
  if (socket) joinNew(draft, wiring, tools, source, { node: key, socket })
  const isList = wire.isImplied || wire.place !== null || fillsList(wiring, wire)
  const output: End = { node: key, socket: 'out' }
  if (wire.isImplied) {
    // The port takes over what it had by itself, with the new stage in this one's place.
    const all = (wiring.into.get(wire.target) ?? []).filter((known) => known.isImplied)
    const inSocket = all.filter((known) => known.targetSocket === wire.targetSocket)
    const put = inSocket.map((known) =>
      known.id === wire.id ? { ...known, source: key, sourceSocket: 'out' } : known,
    )
    writeImplied(draft, tools, put)
    keepImplied(draft, tools, wire.target, all)
  } else replaceAt(draft, wire, bindingText(draft, output, wire.target, isList))
  joinObvious(draft, wiring, tools, key)
  return edit(`Insert ${tool.title} before ${nameOf(doc, wire.target)}`, draft.ops, [key])
}

/** Connect a new stage; what its other ports would have got automatically is written, too. */
function joinNew(draft: Draft, wiring: Wiring, tools: ToolTable, source: End, target: End): void {
  const wires = readWiring(draft.doc, tools, wiring).into.get(target.node) ?? []
  join(draft, wiring, tools, source, target)
  const isPort = target.socket.startsWith('port:')
  if (isPort)
    keepImplied(
      draft,
      tools,
      target.node,
      wires.filter((wire) => wire.isImplied),
    )
}

/** The best socket of a new stage for a kind: what it must have, then what it would join itself. */
export function socketFor(tool: Tool, kind: SocketKind): string | null {
  const fitting = tool.ports.filter((port) => port.kind === kind)
  const port =
    fitting.find((known) => known.isRequired && !known.when) ??
    fitting.find((known) => known.implied !== 'none') ??
    fitting[0]
  if (port) return `port:${port.name}`
  if (kind === 'text') {
    const main = mainText(tool)
    return main && `arg:${main.name}`
  }
  const parameters = tool.parameters.filter((parameter) => kindOfParameter(parameter) === kind)
  const best = parameters.find((parameter) => parameter.isPinned) ?? parameters[0]
  return best && kind === 'number' ? `arg:${best.name}` : null
}

/** Tools for an edge that was dropped on nothing, with the socket it goes to. */
export function toolsFor(
  tools: ToolTable,
  kind: SocketKind,
  direction: 'after' | 'before',
): { tool: Tool; socket: string }[] {
  return tools.all.flatMap((tool) => {
    const socket =
      direction === 'after' ? socketFor(tool, kind) : tool.output === kind ? 'out' : null
    return socket ? [{ tool, socket }] : []
  })
}

/** Tools that can be in an edge: they take what flows and make what the target takes. */
export function toolsBetween(tools: ToolTable, kind: SocketKind, wanted: SocketKind): Tool[] {
  return tools.all.filter((tool) => isBetween(tool, kind, wanted))
}

/** Return true if a tool takes one kind and makes the other. */
export function isBetween(tool: Tool, kind: SocketKind, wanted: SocketKind): boolean {
  return tool.output === wanted && socketFor(tool, kind) !== null
}

/**
 * Move a stage to behind another in the order (null: to the front). What needs it comes along when
 * it moves down, what it needs when it moves up, so that every edge still points forward.
 */
export function reorder(doc: Doc, wiring: Wiring, key: string, after: string | null): Edit {
  const { order } = doc.stages
  const label = `Reorder ${nameOf(doc, key)}`
  const from = order.indexOf(key)
  const place = after === null ? -1 : order.indexOf(after)
  if (from < 0 || (after !== null && place < 0) || after === key) return edit(label, [])
  const isUp = place < from
  const relatives = isUp ? ancestorsOf(wiring, key) : descendantsOf(wiring, key)
  const block = order.filter(
    (other, at) =>
      other === key ||
      (relatives.has(other) && (isUp ? at > place && at < from : at > from && at <= place)),
  )
  const rest = order.filter((other) => !block.includes(other))
  // `after` may be one that moves itself: then the nearest before it that stays.
  let anchor = after
  while (anchor !== null && block.includes(anchor))
    anchor = order[order.indexOf(anchor) - 1] ?? null
  const at = anchor === null ? 0 : rest.indexOf(anchor) + 1
  const newOrder = [...rest.slice(0, at), ...block, ...rest.slice(at)]
  if (newOrder.every((other, index) => other === order[index])) return edit(label, [])
  let behind = anchor
  const ops = block.map((other): Op => {
    const op: Op = { op: 'order', table: 'stages', key: other, after: behind }
    behind = other
    return op
  })
  return edit(label, ops)
}

function putStage(draft: Draft, tool: Tool, label: string, before: string | null): string {
  const key = freshKey(draft.doc, slug(label) || slug(tool.title) || 'stage')
  const value: JsonObject = {
    id: key,
    type: 'fixed',
    label: freshLabel(draft.doc, label),
    tool: tool.name,
    produces: [key],
    args: {},
  }
  const op: Op = { op: 'put', table: 'stages', key, value }
  draft.add(before === null ? op : { ...op, after: predecessor(draft.doc, before) })
  return key
}

function putAt(draft: Draft, key: string, at: Point): void {
  const value = { stageId: key, x: snap(at.x), y: snap(at.y) }
  draft.add({ op: 'put', table: 'nodes', key, value })
}

function kindOf(wiring: Wiring, end: End): SocketKind | null {
  const node = wiring.nodes.get(end.node)
  return node?.outputs.find((socket) => socket.key === end.socket)?.kind ?? null
}
