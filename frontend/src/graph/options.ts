/** Every other end that an edge may have: for the key `C`, the outline, and a drop on a node. */

import type { Doc, SocketKind } from '../api/schema'
import { INPUTS } from './documentReaders'
import { type End, slotOf } from './edges'
import { type Edit, nameOf } from './edit'
import { connect } from './edits/wires'
import { ancestorsOf, descendantsOf } from './order'
import { type Ask, hidden, isOutput, problem } from './rules'
import { AFTER, afterSocket, type Socket } from './sockets'
import type { ToolTable } from './tools'
import { findSocket, titleOf, type Wiring, type WiringNode } from './wiring'

/** One place an edge may go to, or come from. The edit is made when it is chosen. */
export interface Option {
  readonly node: string
  readonly socket: string
  readonly title: string
  /** A note of what is connected there now, or "" when it is free. */
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
  const ancestors =
    source.node === INPUTS ? new Set<string>() : ancestorsOf(ask.wiring, source.node)
  const groups: OptionGroup[] = []
  for (const node of ask.wiring.nodes.values()) {
    if (node.id === INPUTS || node.id === source.node || ancestors.has(node.id)) continue
    if (only !== undefined && node.id !== only) continue
    // Settings are filled by inputs alone.
    const settings = source.node === INPUTS ? hidden(node) : []
    const sockets = [...node.inputs, ...settings, ...ordering(node, source)]
    const options = sockets.flatMap((socket) => {
      const target = { node: node.id, socket: socket.key }
      return problem(ask, source, target) === null ? [optionAt(ask, source, target, target)] : []
    })
    if (options.length > 0) groups.push({ node: node.id, title: node.title, options })
  }
  return groups
}

function sourcesFor(ask: Ask, target: End, only?: string): OptionGroup[] {
  const descendants = descendantsOf(ask.wiring, target.node)
  const groups: OptionGroup[] = []
  for (const node of ask.wiring.nodes.values()) {
    if (node.id === target.node || descendants.has(node.id)) continue
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
    detail: side === 'in' ? connectionWords(ask, target) : '',
    kind: socket?.kind ?? 'choice',
    edit: () => connect(ask.doc, ask.wiring, ask.tools, source, target),
  }
}

/** Say what is connected to an input socket now. */
function connectionWords({ wiring, doc, tools }: Ask, target: End): string {
  const wires = (wiring.into.get(target.node) ?? []).filter(
    (wire) => wire.targetSocket === target.socket && !wire.isImplied,
  )
  const first = wires[0]
  if (first) {
    const name =
      first.source === INPUTS ? nameOf(doc, first.sourceSocket) : titleOf(wiring, first.source)
    return wires.length === 1 ? `now ${name}` : `${wires.length} connected`
  }
  const value = slotOf(doc, tools, target)?.value
  return value === undefined || value === null || value === '' ? '' : 'has a value'
}

function ordering(node: WiringNode, source: End): Socket[] {
  if (source.node === INPUTS || node.inputs.some((socket) => socket.key === AFTER)) return []
  return node.isReadable ? [afterSocket] : []
}
