/** The rows of the outline: inputs, then stages in the order they run, their ports, and notes. */

import type { Doc } from '../api/schema'
import { topologicalOrder } from '../graph/order'
import { INPUTS, type Socket, type Wire, type Wiring } from '../graph/wiring'
import { NOTES } from './notes'

export interface Row {
  readonly id: string
  readonly type: 'inputs' | 'stage' | 'in' | 'out' | 'notes' | 'frame' | 'note'
  /** The node it belongs to, or `frame:<key>`, `note:<key>`. */
  readonly node: string
  readonly parent: string | null
  readonly canOpen: boolean
  /** A port's socket. */
  readonly socket: Socket | null
  /** The wire of a port that takes something, one row each; null: nothing is connected. */
  readonly wire: Wire | null
}

/** The rows of the top level. */
export function topRows(wiring: Wiring, doc: Doc): Row[] {
  const rows: Row[] = []
  if (wiring.nodes.has(INPUTS)) rows.push(top(INPUTS, 'inputs'))
  for (const id of topologicalOrder(wiring)) rows.push(top(id, 'stage'))
  if (doc.frames.order.length + doc.notes.order.length > 0) rows.push(top(NOTES, 'notes'))
  return rows
}

/** List the rows below a row when it is open. */
export function childRows(parent: Row, wiring: Wiring, doc: Doc): Row[] {
  if (parent.type === 'notes')
    return [
      ...doc.frames.order.map((key) => below(parent, `frame:${key}`, 'frame')),
      ...doc.notes.order.map((key) => below(parent, `note:${key}`, 'note')),
    ]
  const node = wiring.nodes.get(parent.node)
  if (!node || !parent.canOpen) return []
  const wires = wiring.into.get(node.id) ?? []
  const takes = node.inputs.flatMap((socket) => {
    const own = wires.filter((wire) => wire.targetSocket === socket.key)
    const rows = own.map((wire) => port(parent, 'in', socket, wire))
    // A list takes more; what fills it by itself is no wire of its own yet.
    const isOpen = own.length === 0 || (socket.isList && !socket.isImplied)
    return isOpen ? [...rows, port(parent, 'in', socket, null)] : rows
  })
  return [...takes, ...node.outputs.map((socket) => port(parent, 'out', socket, null))]
}

/** All rows that are shown, from top to bottom. */
export function shownRows(
  tops: readonly Row[],
  open: ReadonlySet<string>,
  wiring: Wiring,
  doc: Doc,
): Row[] {
  return tops.flatMap((row) => (open.has(row.id) ? [row, ...childRows(row, wiring, doc)] : [row]))
}

/** Return the row for the keyboard when its row is gone: the same port, a neighbour, the parent. */
export function survivor(
  before: readonly Row[],
  after: readonly Row[],
  id: string | null,
): string | null {
  const remainingIds = new Set(after.map((row) => row.id))
  if (id !== null && remainingIds.has(id)) return id
  const at = before.findIndex((row) => row.id === id)
  const goneRow = before[at]
  if (!goneRow) return after[0]?.id ?? null
  if (goneRow.type === 'in') {
    const { node, socket } = goneRow
    const same = after.find(
      (row) => row.type === 'in' && row.node === node && row.socket?.key === socket?.key,
    )
    if (same) return same.id
  }
  const isNear = (row: Row) => row.parent === goneRow.parent && remainingIds.has(row.id)
  const near = before.slice(at).find(isNear) ?? before.slice(0, at).findLast(isNear)
  if (near) return near.id
  if (goneRow.parent !== null && remainingIds.has(goneRow.parent)) return goneRow.parent
  return after[Math.min(at, after.length - 1)]?.id ?? null
}

/** The first row from `at` on, around the end, whose name begins with the letters. */
export function rowCalled(
  rows: readonly Row[],
  at: string | null,
  letters: string,
  nameOf: (row: Row) => string,
): Row | null {
  const from = rows.findIndex((row) => row.id === at)
  // One letter goes on to the next of its kind; further letters may keep to the row found first.
  const start = letters.length > 1 ? Math.max(from, 0) : from + 1
  const inOrder = [...rows.slice(start), ...rows.slice(0, start)]
  const prefix = letters.toLowerCase()
  return inOrder.find((row) => nameOf(row).toLowerCase().startsWith(prefix)) ?? null
}

/** The wires that leave an output. */
export function wiresFrom(wiring: Wiring, node: string, socket: string): readonly Wire[] {
  let index = leaving.get(wiring)
  if (!index) {
    index = new Map()
    for (const wire of wiring.edges) {
      const end = `${wire.source}\n${wire.sourceSocket}`
      const wires = index.get(end)
      if (wires) wires.push(wire)
      else index.set(end, [wire])
    }
    leaving.set(wiring, index)
  }
  return index.get(`${node}\n${socket}`) ?? []
}

const leaving = new WeakMap<Wiring, Map<string, Wire[]>>()

/** The row of an input, which is an output of the inputs. */
export function inputRow(key: string): string {
  return `out\n${INPUTS}\n${key}`
}

function top(id: string, type: Row['type']): Row {
  return { id, type: type, node: id, parent: null, canOpen: true, socket: null, wire: null }
}

function below(parent: Row, id: string, type: Row['type']): Row {
  return { id, type: type, node: id, parent: parent.id, canOpen: false, socket: null, wire: null }
}

function port(parent: Row, type: 'in' | 'out', socket: Socket, wire: Wire | null): Row {
  const ends = `${type}\n${parent.node}\n${socket.key}`
  const id = wire ? `${ends}\n${wire.id}` : ends
  return { id, type: type, node: parent.node, parent: parent.id, canOpen: false, socket, wire }
}
