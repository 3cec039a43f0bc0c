/** The answer to an edge: yes, or a reason and what would fit. Drag and keys get the same words. */

import type { Doc, MediaKind, Tool } from '../api/schema'
import { INPUTS } from './documentReaders'
import type { End } from './edges'
import type { Edit } from './edit'
import { addStage } from './edits/stages'
import { connect } from './edits/wires'
import { storedAt } from './geometry'
import { ancestorsOf, circle } from './order'
import { type Ask, full, hidden, isOutput, problem, refusal } from './rules'
import { AFTER, type Socket } from './sockets'
import { converters, makers } from './suppliers'
import type { ToolTable } from './tools'
import { findSocket, titleOf, type Wiring } from './wiring'
import { KIND_WORDS, KINDS_WORDS } from './words'

export type { End } from './edges'
export { isBetween, socketFor, toolsBetween, toolsFor } from './edits/stages'
export { type Option, type OptionGroup, optionsFor } from './options'
export { takes } from './rules'

/** Yes, as an edit; or no, in one sentence, with edits that do what was meant. */
export type Connection =
  | ({ readonly ok: true } & Edit)
  | { readonly ok: false; readonly reason: string; readonly fits: readonly Edit[] }

/** Answer an edge between two sockets; they may be given in either direction. */
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
  const sockets = [...to.inputs, ...hidden(to).filter((socket) => isPinned(to.tool, socket))]
  for (const socket of sockets) {
    const end = { node: to.id, socket: socket.key }
    if (socket.key === into?.key || socket.key === AFTER || !may(end)) continue
    fits.push({
      ...connect(doc, wiring, tools, source, end),
      label: `Connect to ${socket.title}`,
      hint: `${socket.title} takes ${KINDS_WORDS[socket.kind]}${socket.isFilled ? '.' : ' and is empty.'}`,
    })
    if (fits.length === 2) break
  }
  if (into?.key.startsWith('port:')) fits.push(...between(ask, source, target, out, into))
  const near = nearest(ask, source, target.node)
  if (near) {
    const name = titleOf(wiring, near.node)
    fits.push({
      ...connect(doc, wiring, tools, source, near),
      label: `Connect to ${name}`,
      hint: `${name} takes ${KINDS_WORDS[out.kind]} and is empty.`,
    })
  }
  return fits.slice(0, 4)
}

/** Stages to put between, else stages that make what the target wants. */
function between(ask: Ask, source: End, target: End, out: Socket, into: Socket): Edit[] {
  const { doc, wiring, tools } = ask
  if (out.isBroken || full(ask, target, into)) return []
  const at = midway(doc, source.node, target.node)
  const candidates = converters(tools, out.kind, into.kind)
  if (candidates.length > 0)
    return candidates.slice(0, 2).map((tool) => ({
      ...addStage(doc, wiring, tools, tool, at, { connectFrom: source, connectTo: target }),
      label: `Insert ${tool.title}`,
      hint: `${tool.title} turns it into ${KIND_WORDS[into.kind]}.`,
    }))
  return makers(tools, into.kind as MediaKind)
    .slice(0, 1)
    .map((tool) => ({
      ...addStage(doc, wiring, tools, tool, at, { connectTo: target }),
      label: `Add ${tool.title} for ${into.title}`,
      hint: `${tool.title} makes ${KINDS_WORDS[into.kind]}.`,
    }))
}

/** The free port nearest to a node that takes this kind. */
function nearest(ask: Ask, source: End, id: string): End | null {
  const { doc, wiring } = ask
  const here = storedAt(doc, id)
  if (!here) return null
  const ancestors = source.node === INPUTS ? new Set<string>() : ancestorsOf(wiring, source.node)
  let latest: End | null = null
  let distance = 1_200
  for (const node of wiring.nodes.values()) {
    const at = storedAt(doc, node.id)
    if (node.id === id || node.id === source.node || !at || ancestors.has(node.id)) continue
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
    latest = { node: node.id, socket: socket.key }
  }
  return latest
}

function isPinned(tool: Tool | null, socket: Socket): boolean {
  return tool?.parameters.some((known) => known.name === socket.argument && known.isPinned) ?? false
}

function midway(doc: Doc, one: string, other: string): { x: number; y: number } | null {
  const a = storedAt(doc, one)
  const b = storedAt(doc, other)
  return a && b && { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 + 40 }
}
