/** Two documents as one graph, with what is only in one of them told apart. */

import type { Doc, Table } from '../api/schema'
import { row } from '../document/ops'
import { type Box, type Point, sizeOf, storedAt } from '../graph/geometry'
import { layOutMissing } from '../graph/layout'
import type { ToolTable } from '../graph/tools'
import { INPUTS, readWiring, type Wire, type Wiring, type WiringNode } from '../graph/wiring'
import type { Entry, Kind } from './entries'

/** kind null: as in both. was: where it stood in the older one, if elsewhere. */
export interface UnionNode {
  readonly node: WiringNode
  readonly kind: Kind | null
  readonly box: Box
  readonly was: Point | null
}

export interface UnionWire {
  readonly wire: Wire
  readonly kind: 'added' | 'removed' | null
}

export interface Union {
  readonly doc: Doc
  readonly nodes: ReadonlyMap<string, UnionNode>
  readonly wires: readonly UnionWire[]
  readonly wiring: Wiring
}

/** Keys of both: those of `to` in its order, others behind what they stood behind in `from`. */
export function unionOrder(from: Table, to: Table): string[] {
  const order = [...to.order]
  let before: string | null = null
  for (const key of from.order) {
    if (!Object.hasOwn(to.rows, key)) {
      const place: number = before === null ? 0 : order.indexOf(before) + 1
      order.splice(place, 0, key)
    }
    before = key
  }
  return order
}

/** Everything of both; what is in both is as in `to`. */
export function unionDoc(from: Doc, to: Doc): Doc {
  const both = (one: Table, other: Table): Table => ({
    order: unionOrder(one, other),
    rows: { ...one.rows, ...other.rows },
  })
  return {
    ...to,
    inputs: both(from.inputs, to.inputs),
    stages: both(from.stages, to.stages),
    nodes: both(from.nodes, to.nodes),
    frames: both(from.frames, to.frames),
    notes: both(from.notes, to.notes),
    values: both(from.values, to.values),
  }
}

export function unionOf(from: Doc, to: Doc, entries: readonly Entry[], tools: ToolTable): Union {
  const doc = unionDoc(from, to)
  const [one, other] = [readWiring(from, tools), readWiring(to, tools)]
  const wiring = joinWirings(doc, one, other)
  const kinds = kindsOf(entries)
  const layout = layOutMissing(doc, wiring)
  const nodes = new Map<string, UnionNode>()
  for (const [id, node] of wiring.nodes) {
    const at = storedAt(doc, id) ?? layout.get(id) ?? { x: 0, y: 0 }
    const old = one.nodes.has(id) && other.nodes.has(id) ? storedAt(from, id) : null
    const isElsewhere =
      old !== null && storedAt(to, id) !== null && (old.x !== at.x || old.y !== at.y)
    nodes.set(id, {
      node,
      kind: kinds.get(id) ?? null,
      box: { x: at.x, y: at.y, ...sizeOf(node) },
      was: isElsewhere ? old : null,
    })
  }
  const before = new Set(one.edges.map((wire) => wire.id))
  const after = new Set(other.edges.map((wire) => wire.id))
  const wires = wiring.edges.map((wire): UnionWire => {
    if (!before.has(wire.id)) return { wire, kind: 'added' }
    return { wire, kind: after.has(wire.id) ? null : 'removed' }
  })
  return { doc, nodes, wires, wiring }
}

/** The two graphs as one. An input or a stage that went keeps its ports and its edges. */
function joinWirings(doc: Doc, one: Wiring, other: Wiring): Wiring {
  const nodes = new Map<string, WiringNode>()
  const [old, now] = [one.nodes.get(INPUTS), other.nodes.get(INPUTS)]
  const inputs = now ?? old
  if (inputs) {
    const outputs = doc.inputs.order.flatMap((key) => {
      const find = (node: WiringNode | undefined) =>
        node?.outputs.find((socket) => socket.key === key)
      return find(now) ?? find(old) ?? []
    })
    nodes.set(INPUTS, { ...inputs, outputs })
  }
  for (const key of doc.stages.order) {
    const node = other.nodes.get(key) ?? one.nodes.get(key)
    if (node) nodes.set(key, node)
  }
  const ids = new Set(other.edges.map((wire) => wire.id))
  const edges = [...other.edges, ...one.edges.filter((wire) => !ids.has(wire.id))]
  const into = new Map<string, Wire[]>()
  for (const wire of edges) {
    const wires = into.get(wire.target)
    if (wires) wires.push(wire)
    else into.set(wire.target, [wire])
  }
  return { nodes, edges, into }
}

/** Return the kind that each node shows. A change of what it does says more than that it moved. */
function kindsOf(entries: readonly Entry[]): Map<string, Kind> {
  const kinds = new Map<string, Kind>()
  for (const { node, kind, table } of entries) {
    if (node === null) continue
    // All inputs are one node: one that came changes it.
    const visibleKind = table === 'inputs' && kind !== 'moved' ? 'changed' : kind
    if (kinds.get(node) === undefined || kinds.get(node) === 'moved') kinds.set(node, visibleKind)
  }
  return kinds
}

/** Return true if a document has a stage, input, frame or note that the node stands for. */
export function isIn(doc: Doc, id: string): boolean {
  if (id === INPUTS) return doc.inputs.order.length > 0
  const [, type, key = id] = /^(frame|note):(.+)$/s.exec(id) ?? []
  return (
    row(doc, type === 'frame' ? 'frames' : type === 'note' ? 'notes' : 'stages', key) !== undefined
  )
}
