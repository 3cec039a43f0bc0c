/** Edges: drawn, taken away, made real. */

import type { Doc } from '../../api/schema'
import { row } from '../../document/ops'
import { INPUTS } from '../documentReaders'
import { type End, join, replaceAt, writeImplied } from '../edges'
import { Draft, type Edit, edit, nameOf } from '../edit'
import type { ToolTable } from '../tools'
import { INSIDE, type Wire, type Wiring } from '../wiring'

/** Draw an edge. `canConnect` says first whether it may be. */
export function connect(
  doc: Doc,
  wiring: Wiring,
  tools: ToolTable,
  source: End,
  target: End,
): Edit {
  const draft = new Draft(doc)
  join(draft, wiring, tools, source, target)
  return edit(`Connect ${endName(doc, source)} to ${nameOf(doc, target.node)}`, draft.ops)
}

/** Take an edge away. An implied one only goes when something else fills its port. */
export function disconnect(doc: Doc, wire: Wire): Edit {
  const draft = new Draft(doc)
  if (!wire.isImplied && wire.targetSocket !== INSIDE) replaceAt(draft, wire, undefined)
  const from = endName(doc, { node: wire.source, socket: wire.sourceSocket })
  return edit(`Disconnect ${from} from ${nameOf(doc, wire.target)}`, draft.ops)
}

/**
 * Write an implied wire into its argument, with the others of its port: an argument that names one
 * medium would otherwise put the rest out.
 */
export function makeReal(doc: Doc, wiring: Wiring, tools: ToolTable, wire: Wire): Edit {
  const draft = new Draft(doc)
  if (row(doc, 'stages', wire.target) !== undefined) {
    const impliedWires = (wiring.into.get(wire.target) ?? []).filter((known) => known.isImplied)
    const sockets = new Set(impliedWires.map((known) => known.targetSocket))
    // Any named medium ends the joining of all ports of the stage.
    for (const socket of sockets)
      writeImplied(
        draft,
        tools,
        impliedWires.filter((known) => known.targetSocket === socket),
      )
  }
  const from = endName(doc, { node: wire.source, socket: wire.sourceSocket })
  return edit(`Keep connection of ${from} to ${nameOf(doc, wire.target)}`, draft.ops)
}

function endName(doc: Doc, end: End): string {
  return nameOf(doc, end.node === INPUTS ? end.socket : end.node)
}
