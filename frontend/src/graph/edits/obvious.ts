/** Connections that a new template stage gets at once. A template takes no file by itself. */

import type { Doc, SocketKind } from '../../api/schema'
import { INPUTS, inputOf, stageOf } from '../documentReaders'
import { type End, join, slotOf } from '../edges'
import type { Draft } from '../edit'
import { parameterSocket, portSocket, type Socket } from '../sockets'
import { isTemplate, type ToolTable } from '../tools'
import { readWiring, type Wiring } from '../wiring'

/**
 * Connect what a template stage must have: to the input of the same name, else the first port of
 * each kind as a tool's is by itself, to the newest result of the kind or an input of it.
 */
export function joinObvious(draft: Draft, wiring: Wiring, tools: ToolTable, key: string): void {
  const { tool: name } = stageOf(draft.doc, key)
  const tool = isTemplate(name) ? tools.get(name) : null
  if (!tool) return
  const kinds = new Set<SocketKind>()
  const ports = tool.ports.map((port) => portSocket(port))
  for (const socket of [...ports, ...tool.parameters.map(parameterSocket)]) {
    const end = { node: key, socket: socket.key }
    const isFirst = socket.key.startsWith('port:') && !kinds.has(socket.kind)
    if (isFirst) kinds.add(socket.kind)
    if (!socket.isRequired || slotOf(draft.doc, tools, end)?.value !== undefined) continue
    const now = readWiring(draft.doc, tools, wiring)
    const source = namesake(draft.doc, socket) ?? (isFirst ? latest(now, key, socket.kind) : null)
    if (source) join(draft, now, tools, source, end)
  }
}

function namesake(doc: Doc, { argument, kind, isList }: Socket): End | null {
  const socket = doc.inputs.order.find((key) => {
    const input = inputOf(doc, key)
    const fits = input.kind === kind && (isList || !input.isMultiple)
    return input.name === argument && fits && !input.isInternal
  })
  return socket === undefined ? null : { node: INPUTS, socket }
}

function latest(wiring: Wiring, key: string, kind: SocketKind): End | null {
  const ids = [...wiring.nodes.keys()]
  const before = ids.slice(0, ids.indexOf(key)).filter((id) => id !== INPUTS)
  const maker = before.findLast((id) => wiring.nodes.get(id)?.kind === kind)
  if (maker !== undefined) return { node: maker, socket: 'out' }
  const input = wiring.nodes.get(INPUTS)?.outputs.find((socket) => socket.kind === kind)
  return input ? { node: INPUTS, socket: input.key } : null
}
