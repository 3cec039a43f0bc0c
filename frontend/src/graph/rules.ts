/** Rules for edges, in the words of a refusal. */

import type { Doc, Json, SocketKind, ToolParameter } from '../api/schema'
import { INPUTS, type InputRecord, inputOf } from './documentReaders'
import { type End, items, slotOf } from './edges'
import { circle } from './order'
import { AFTER, INSIDE, OVER, parameterSocket, SELECT, type Socket } from './sockets'
import type { ToolTable } from './tools'
import { findSocket, type Wiring, type WiringNode } from './wiring'
import { KIND_WORDS, KINDS_WORDS } from './words'

/** Reason that nothing is connected to stages inside a stage, or taken off them. */
export const INSIDE_ONLY = 'Unpack the stage first. Stages inside it can only be viewed.'

/** The graph that a question about edges is asked of. */
export interface Ask {
  readonly doc: Doc
  readonly wiring: Wiring
  readonly tools: ToolTable
}

/** Return the reason that an edge may not be drawn, or null. */
export function refusal(ask: Ask, source: End, target: End): string | null {
  const reason = problem(ask, source, target)
  if (reason !== null || source.node === INPUTS) return reason
  return circle(ask.wiring, source.node, target.node)
}

/** The same, without looking for circles. */
export function problem(ask: Ask, source: End, target: End): string | null {
  const { wiring, tools, doc } = ask
  const from = wiring.nodes.get(source.node)
  const to = wiring.nodes.get(target.node)
  const out = from && findSocket(from, source.socket, tools, 'out')
  const into = to && findSocket(to, target.socket, tools, 'in')
  if (!out || !into) return 'Connect an output to an input.'
  if (source.node === target.node) return "A stage can't use its own result."
  const name = source.node === INPUTS ? out.title : from.title
  if (!from.isReadable || out.isBroken) return `${name} has an error. Fix it first.`
  if (!to.isReadable) return `${to.title} has an error. Fix it first.`
  if (into.key === INSIDE) return INSIDE_ONLY
  if (into.key === AFTER)
    return source.node === INPUTS
      ? "Inputs can't wait for stages."
      : doubleProblem(ask, source, target)
  if (into.key === OVER) {
    // A text is a list of its lines.
    if (source.node !== INPUTS || out.isList || out.kind === 'text') return null
    return `${to.title} needs a list. Turn on “Multiple values” for ${name}.`
  }
  if (into.key === SELECT) {
    if (source.node === INPUTS) return 'Choices use results of stages, not inputs.'
    if (out.kind === 'choice') return `${name} has no media to choose from.`
    return doubleProblem(ask, source, target)
  }
  if (into.key.startsWith('port:')) {
    if (out.kind === 'choice' && source.node !== INPUTS)
      return `${into.title} needs ${KINDS_WORDS[into.kind]}. ${name} makes no media.`
    if (out.kind !== into.kind)
      return `${into.title} needs ${KINDS_WORDS[into.kind]}. ${name} is ${KIND_WORDS[out.kind]}.`
    return full(ask, target, into) ?? doubleProblem(ask, source, target)
  }
  const parameter = to.tool && tools.parameter(to.tool, into.argument)
  if (!parameter) return `${to.title} has no setting ${into.title}.`
  if (source.node !== INPUTS) return `${into.title} can only be connected to an input.`
  if (!takes(parameter, inputOf(doc, source.socket)))
    return `${into.title} needs ${kindWords(parameter, into.kind)}. ${name} is ${KIND_WORDS[out.kind]}.`
  return doubleProblem(ask, source, target)
}

/** Return true if a parameter can take the value of an input. */
export function takes(parameter: ToolParameter, input: InputRecord): boolean {
  const { schema } = parameter
  const one = schema.type === 'array' ? schema.items : schema
  if (typeof one !== 'object' || one === null || Array.isArray(one) || input.type === null)
    return false
  if (input.kind !== 'text' && input.kind !== 'number' && input.kind !== 'choice') return false
  const { options, type } = input
  if (Array.isArray(one.enum)) {
    const values: readonly Json[] = one.enum
    if (type === 'select') return options.length > 0 && options.every((o) => values.includes(o))
    return type === 'number' && values.every((value) => typeof value === 'number')
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

function kindWords(parameter: ToolParameter, kind: SocketKind): string {
  const { schema } = parameter
  if (schema.type === 'boolean') return 'yes or no'
  if (!Array.isArray(schema.enum))
    return schema.type === 'array' ? KINDS_WORDS[kind] : KIND_WORDS[kind]
  const words = schema.enum.slice(0, 4).map(String).join(', ')
  return `one of ${words}${schema.enum.length > 4 ? ' …' : ''}`
}

export function full({ doc, tools }: Ask, target: End, socket: Socket): string | null {
  const slot = slotOf(doc, tools, target)
  if (!slot?.isList || slot.maxItems === 0 || items(slot.value).length < slot.maxItems) return null
  return `${socket.title} takes up to ${slot.maxItems}. Remove one first.`
}

function doubleProblem({ wiring, doc, tools }: Ask, source: End, target: End): string | null {
  const isThere = (wiring.into.get(target.node) ?? []).some(
    (wire) =>
      !wire.isImplied &&
      wire.source === source.node &&
      wire.sourceSocket === source.socket &&
      wire.targetSocket === target.socket,
  )
  // A list may hold the same twice: a film shows a clip again.
  const isList = target.socket.startsWith('port:') && slotOf(doc, tools, target)?.isList
  return isThere && !isList ? 'Already connected.' : null
}

/** Return true if an end is an output. */
export function isOutput(wiring: Wiring, end: End): boolean {
  return wiring.nodes.get(end.node)?.outputs.some((socket) => socket.key === end.socket) ?? false
}

/** Parameters of a tool that no socket shows. */
export function hidden(node: WiringNode): Socket[] {
  const keys = new Set(node.inputs.map((socket) => socket.key))
  return (node.tool?.parameters ?? [])
    .map(parameterSocket)
    .filter((socket) => !keys.has(socket.key))
}
