/** Whether an edge may be drawn, why not, and what would fit. The same words answer drag and keys. */

import type { Doc, Json, SocketKind, Tool, ToolParameter } from '../types'
import { type Edit, nameOf } from './edit'
import { addStage, toolsBetween } from './edits/stages'
import { connect } from './edits/wires'
import { storedAt } from './geometry'
import { type End, items, slotOf } from './join'
import { ancestorsOf, circle, descendantsOf } from './order'
import { INPUTS, type InputRecord, inputOf } from './records'
import { AFTER, afterSocket, OVER, parameterSocket, type Socket } from './sockets'
import { mainText, type ToolTable } from './tools'
import { findSocket, titleOf, type Wiring, type WiringNode } from './wiring'
import { KIND_WORDS, KINDS_WORDS } from './words'

export { socketFor, toolsBetween, toolsFor } from './edits/stages'
export type { End } from './join'

/** Yes, as an edit; or no, in one sentence, with edits that do what was meant. */
export type Connection =
  | ({ readonly ok: true } & Edit)
  | { readonly ok: false; readonly reason: string; readonly fits: readonly Edit[] }

/** One place an edge may go to, or come from. The edit is made when it is chosen. */
export interface Option {
  readonly node: string
  readonly socket: string
  readonly title: string
  /** What stands there now, or "" when it is free. */
  readonly detail: string
  readonly kind: SocketKind
  readonly edit: () => Edit
}

/** The options of one node, in the order of its sockets. */
export interface OptionGroup {
  readonly node: string
  readonly title: string
  readonly options: readonly Option[]
}

interface Ask {
  readonly doc: Doc
  readonly wiring: Wiring
  readonly tools: ToolTable
}

/** Whether an edge between two sockets may be drawn; they may be given in either direction. */
export function canConnect(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  from: End,
  to: End,
): Connection {
  const ask = { doc, wiring, tools }
  const isTurned = isOutput(wiring, to) && !isOutput(wiring, from)
  const [source, target] = isTurned ? [to, from] : [from, to]
  const reason = refusal(ask, source, target)
  if (reason === null) return { ok: true, ...connect(doc, wiring, tools, source, target) }
  return { ok: false, reason, fits: fitting(ask, source, target) }
}

/**
 * Every legal other end of an edge that begins at `from`, by node, in order. only: of this node
 * alone, as for an edge dropped on its body.
 */
export function optionsFor(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  from: End,
  only?: string,
): OptionGroup[] {
  const ask = { doc, wiring, tools }
  return isOutput(wiring, from) ? targetsOf(ask, from, only) : sourcesFor(ask, from, only)
}

function targetsOf(ask: Ask, source: End, only?: string): OptionGroup[] {
  const barred = source.node === INPUTS ? new Set<string>() : ancestorsOf(ask.wiring, source.node)
  const groups: OptionGroup[] = []
  for (const node of ask.wiring.nodes.values()) {
    if (node.id === INPUTS || node.id === source.node || barred.has(node.id)) continue
    if (only !== undefined && node.id !== only) continue
    const sockets = [...node.inputs, ...hidden(node), ...ordering(node, source)]
    const options = sockets.flatMap((socket) => {
      const target = { node: node.id, socket: socket.key }
      return problem(ask, source, target) === null ? [optionAt(ask, source, target, target)] : []
    })
    if (options.length > 0) groups.push({ node: node.id, title: node.title, options })
  }
  return groups
}

function sourcesFor(ask: Ask, target: End, only?: string): OptionGroup[] {
  const barred = descendantsOf(ask.wiring, target.node)
  const groups: OptionGroup[] = []
  for (const node of ask.wiring.nodes.values()) {
    if (node.id === target.node || barred.has(node.id)) continue
    if (only !== undefined && node.id !== only) continue
    const options = node.outputs.flatMap((socket) => {
      const source = { node: node.id, socket: socket.key }
      return problem(ask, source, target) === null ? [optionAt(ask, source, target, source)] : []
    })
    if (options.length > 0) groups.push({ node: node.id, title: node.title, options })
  }
  return groups
}

function optionAt(ask: Ask, source: End, target: End, shown: End): Option {
  const node = ask.wiring.nodes.get(shown.node)
  const side = shown === source ? 'out' : 'in'
  const socket = node && findSocket(node, shown.socket, ask.tools, side)
  return {
    node: shown.node,
    socket: shown.socket,
    title: socket?.title ?? shown.socket,
    detail: side === 'in' ? held(ask, target) : '',
    kind: socket?.kind ?? 'choice',
    edit: () => connect(ask.doc, ask.wiring, ask.tools, source, target),
  }
}

/** What an input socket holds now. */
function held({ wiring, doc, tools }: Ask, target: End): string {
  const wires = (wiring.into.get(target.node) ?? []).filter(
    (wire) => wire.targetSocket === target.socket && !wire.isImplied,
  )
  const first = wires[0]
  if (first) {
    const name =
      first.source === INPUTS ? nameOf(doc, first.sourceSocket) : titleOf(wiring, first.source)
    return wires.length === 1 ? `now ${name}` : `${wires.length} already`
  }
  const value = slotOf(doc, tools, target)?.value
  return value === undefined || value === null || value === '' ? '' : 'has a value'
}

/** Parameters of a tool that no socket shows. */
function hidden(node: WiringNode): Socket[] {
  const shown = new Set(node.inputs.map((socket) => socket.key))
  return (node.tool?.parameters ?? [])
    .map(parameterSocket)
    .filter((socket) => !shown.has(socket.key))
}

function ordering(node: WiringNode, source: End): Socket[] {
  if (source.node === INPUTS || node.inputs.some((socket) => socket.key === AFTER)) return []
  return node.isReadable ? [afterSocket] : []
}

function isOutput(wiring: Wiring, end: End): boolean {
  return wiring.nodes.get(end.node)?.outputs.some((socket) => socket.key === end.socket) ?? false
}

// -- whether -------------------------------------------------------------------------------------

/** Why an edge may not be drawn, or null. */
function refusal(ask: Ask, source: End, target: End): string | null {
  const said = problem(ask, source, target)
  if (said !== null || source.node === INPUTS) return said
  return circle(ask.wiring, source.node, target.node)
}

/** The same, without looking for circles. */
function problem(ask: Ask, source: End, target: End): string | null {
  const { wiring, tools, doc } = ask
  const from = wiring.nodes.get(source.node)
  const to = wiring.nodes.get(target.node)
  const out = from && findSocket(from, source.socket, tools, 'out')
  const into = to && findSocket(to, target.socket, tools, 'in')
  if (!out || !into) return 'An edge leads from a result or an input to something that takes it.'
  if (source.node === target.node) return 'A stage cannot take its own result.'
  const name = source.node === INPUTS ? out.title : from.title
  if (!from.isReadable || out.isBroken) return `${name} cannot be read yet. Mend it first.`
  if (!to.isReadable) return `${to.title} cannot be read yet. Mend it first.`
  if (into.key === AFTER)
    return source.node === INPUTS
      ? 'Inputs are there before every stage.'
      : doubled(ask, source, target)
  if (into.key === OVER) {
    if (source.node !== INPUTS || out.isList) return null
    return `${name} is one thing, ${into.title} takes a list.`
  }
  if (into.key.startsWith('port:')) {
    if (out.kind === 'choice' && source.node !== INPUTS)
      return `${name} makes no media, ${into.title} takes ${KINDS_WORDS[into.kind]}.`
    if (out.kind !== into.kind)
      return `${name} is ${KIND_WORDS[out.kind]}, ${into.title} takes ${KINDS_WORDS[into.kind]}.`
    return full(ask, target, into) ?? doubled(ask, source, target)
  }
  const parameter = to.tool && tools.parameter(to.tool, into.argument)
  if (!parameter) return `${into.title} is nothing that ${to.title} knows.`
  if (source.node !== INPUTS)
    return `${into.title} is a setting. Inputs fill those, results of stages do not.`
  if (!takes(parameter, inputOf(doc, source.socket)))
    return `${name} is ${KIND_WORDS[out.kind]}, ${into.title} takes ${taken(parameter, into.kind)}.`
  return doubled(ask, source, target)
}

/** Whether a parameter can take what an input gives. */
export function takes(parameter: ToolParameter, input: InputRecord): boolean {
  const { schema } = parameter
  const one = schema.type === 'array' ? schema.items : schema
  if (typeof one !== 'object' || one === null || Array.isArray(one) || input.type === null)
    return false
  if (input.kind !== 'text' && input.kind !== 'number' && input.kind !== 'choice') return false
  const { options, type } = input
  if (Array.isArray(one.enum)) {
    const allowed: readonly Json[] = one.enum
    if (type === 'select') return options.length > 0 && options.every((o) => allowed.includes(o))
    return type === 'number' && allowed.every((value) => typeof value === 'number')
  }
  switch (one.type) {
    case 'string':
      return type !== 'boolean'
    case 'number':
    case 'integer':
      return type === 'number' || (type === 'select' && options.every((o) => typeof o === 'number'))
    case 'boolean':
      return type === 'boolean'
    default:
      return false
  }
}

function taken(parameter: ToolParameter, kind: SocketKind): string {
  const { schema } = parameter
  if (schema.type === 'boolean') return 'yes or no'
  if (!Array.isArray(schema.enum)) return KINDS_WORDS[kind]
  const shown = schema.enum.slice(0, 4).map(String).join(', ')
  return `one of ${shown}${schema.enum.length > 4 ? ' …' : ''}`
}

function full({ doc, tools }: Ask, target: End, socket: Socket): string | null {
  const slot = slotOf(doc, tools, target)
  if (!slot?.isList || slot.maxItems === 0 || items(slot.value).length < slot.maxItems) return null
  return `${socket.title} takes ${slot.maxItems} at most. Take one away first.`
}

function doubled({ wiring, doc, tools }: Ask, source: End, target: End): string | null {
  const isThere = (wiring.into.get(target.node) ?? []).some(
    (wire) =>
      !wire.isImplied &&
      wire.source === source.node &&
      wire.sourceSocket === source.socket &&
      wire.targetSocket === target.socket,
  )
  // A list may hold the same twice: a film shows a clip again.
  const isList = target.socket.startsWith('port:') && slotOf(doc, tools, target)?.isList
  return isThere && !isList ? 'These two are connected already.' : null
}

// -- what would fit ------------------------------------------------------------------------------

function fitting(ask: Ask, source: End, target: End): Edit[] {
  const { doc, wiring, tools } = ask
  const from = wiring.nodes.get(source.node)
  const to = wiring.nodes.get(target.node)
  const out = from && findSocket(from, source.socket, tools, 'out')
  const into = to && findSocket(to, target.socket, tools, 'in')
  if (!from || !to || !out || to.id === INPUTS || source.node === target.node) return []
  if (source.node !== INPUTS && circle(wiring, source.node, target.node)) return []
  const fits: Edit[] = []
  const may = (end: End) => problem(ask, source, end) === null
  const shown = [...to.inputs, ...hidden(to).filter((socket) => isPinned(to.tool, socket))]
  for (const socket of shown) {
    const end = { node: to.id, socket: socket.key }
    if (socket.key === into?.key || socket.key === AFTER || !may(end)) continue
    fits.push({ ...connect(doc, wiring, tools, source, end), label: `Connect to ${socket.title}` })
    if (fits.length === 2) break
  }
  if (into?.key.startsWith('port:')) fits.push(...between(ask, source, target, out, into))
  const near = nearest(ask, source, target.node)
  if (near) {
    const name = titleOf(wiring, near.node)
    fits.push({ ...connect(doc, wiring, tools, source, near), label: `Connect to ${name}` })
  }
  return fits.slice(0, 4)
}

/** Stages to put between, else stages that make what the target wants. */
function between(ask: Ask, source: End, target: End, out: Socket, into: Socket): Edit[] {
  const { doc, wiring, tools } = ask
  if (out.isBroken || full(ask, target, into)) return []
  const at = midway(doc, source.node, target.node)
  const byUse = (tool: Tool) =>
    (tool.isProvided ? 0 : 4) + (tool.ports.some((port) => port.isRequired) ? 0 : 1)
  const sorted = (found: Tool[]) => found.toSorted((one, other) => byUse(one) - byUse(other))
  const found = out.kind === into.kind ? [] : sorted(toolsBetween(tools, out.kind, into.kind))
  if (found.length > 0)
    return found.slice(0, 2).map((tool) => ({
      ...addStage(doc, wiring, tools, tool, at, { connectFrom: source, connectTo: target }),
      label: `Put ${tool.title} between`,
    }))
  const makers = tools.all.filter(
    (tool) =>
      tool.output === into.kind &&
      mainText(tool) &&
      !tool.ports.some((port) => port.isRequired && !port.when),
  )
  return sorted(makers)
    .slice(0, 1)
    .map((tool) => ({
      ...addStage(doc, wiring, tools, tool, at, { connectTo: target }),
      label: `Add ${tool.title} for ${into.title}`,
    }))
}

/** The free port nearest to a node that takes this kind. */
function nearest(ask: Ask, source: End, id: string): End | null {
  const { doc, wiring } = ask
  const here = storedAt(doc, id)
  if (!here) return null
  const barred = source.node === INPUTS ? new Set<string>() : ancestorsOf(wiring, source.node)
  let found: End | null = null
  let distance = 1_200
  for (const node of wiring.nodes.values()) {
    const at = storedAt(doc, node.id)
    if (node.id === id || node.id === source.node || !at || barred.has(node.id)) continue
    const away = Math.hypot(at.x - here.x, at.y - here.y)
    if (away >= distance) continue
    const socket = node.inputs.find(
      (known) =>
        known.key.startsWith('port:') &&
        !known.isFilled &&
        problem(ask, source, { node: node.id, socket: known.key }) === null,
    )
    if (!socket) continue
    distance = away
    found = { node: node.id, socket: socket.key }
  }
  return found
}

function isPinned(tool: Tool | null, socket: Socket): boolean {
  return tool?.parameters.some((known) => known.name === socket.argument && known.isPinned) ?? false
}

function midway(doc: Doc, one: string, other: string): { x: number; y: number } | null {
  const a = storedAt(doc, one)
  const b = storedAt(doc, other)
  return a && b && { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 + 40 }
}
