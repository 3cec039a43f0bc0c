/** The edits of rows. Keys, menus and buttons all come here. */

import type { InputType } from '../api/schema'
import { asked, endOf } from '../canvas/connect/asked'
import { copyableIds } from '../canvas/connect/clipboard'
import { inView } from '../canvas/room'
import { act, open, say, select } from '../editor/actions'
import { openInspector, rename, showInput, useInspector } from '../editor/inspected'
import { type End, editor } from '../editor/store'
import type { Edit } from '../graph/edit'
import { bypassable, setBypass } from '../graph/edits/fields'
import { addInput, removeInput } from '../graph/edits/names'
import { duplicate } from '../graph/edits/pasting'
import { addNote } from '../graph/edits/places'
import { removeNodes } from '../graph/edits/remove'
import { reorder } from '../graph/edits/stages'
import { disconnect, makeReal } from '../graph/edits/wires'
import { mainText } from '../graph/tools'
import { INPUTS } from '../graph/wiring'
import { isPhone } from '../parts/phone'
import { askForInput, focusRow, openMenu, rowAt, rowsNow, setAt, setOpen } from './state'
import { inputRow, type Row, topRows } from './tree'
import { doneWords } from './words'

/** Do an edit and say it. */
function perform(edit: Edit | null): boolean {
  if (!edit || !act(edit)) return false
  say(doneWords(edit.label))
  return true
}

/** The end of a wire that a row stands for. */
export function endAt(row: Row): End | null {
  if (row.type === 'stage') return endOf(asked(), row.node)
  if ((row.type !== 'in' && row.type !== 'out') || !row.socket) return null
  return { node: row.node, socket: row.socket.key, kind: row.socket.kind, side: row.type }
}

/** Choose a stage that goes on from this row, where its result is something stages take. */
export function addAfter(row: Row | null): void {
  const end = row && endAt(row)
  const fits = end && (end.side === 'in' || end.kind !== 'choice')
  open(fits ? { name: 'add', from: end } : { name: 'add' })
}

export function connectAt(row: Row): void {
  const from = endAt(row)
  if (from) open({ name: 'connect', from })
}

export function unlink(row: Row): void {
  if (row.wire) perform(disconnect(editor().doc, row.wire))
}

export function realize(row: Row): void {
  const { doc, wiring, tools } = editor()
  if (row.wire?.isImplied) perform(makeReal(doc, wiring, tools, row.wire))
}

/** List the ids that an action on a row is meant for: all that is selected, or the row alone. */
export function targetIds(row: Row): string[] {
  const { selection } = editor()
  const ids = [...selection].filter((id) => id !== INPUTS)
  if (ids.length > 1 || ids.includes(row.node)) return ids
  return isThing(row) ? [row.node] : []
}

/** Return true if the row is something that stands by itself: a stage, a frame, a note. */
export function isThing(row: Row): boolean {
  return row.type === 'stage' || row.type === 'frame' || row.type === 'note'
}

export function isInput(row: Row): boolean {
  return row.type === 'out' && row.node === INPUTS
}

export function remove(row: Row): void {
  const { doc, wiring } = editor()
  if (row.wire && !row.wire.isImplied) unlink(row)
  else if (isInput(row) && row.socket) perform(removeInput(doc, row.socket.key))
  else {
    const ids = targetIds(row)
    if (ids.length > 0) perform(removeNodes(doc, wiring, ids, { heal: true }))
  }
}

export function copyOf(row: Row): void {
  const ids = targetIds(row)
  if (ids.length > 0) perform(duplicate(editor().doc, ids))
}

export function bypassRow(row: Row, on: boolean): void {
  const { doc, wiring } = editor()
  perform(setBypass(doc, bypassable(wiring, targetIds(row), on), on))
}

/** Ctrl C and Ctrl X go by what is selected: a row that is not becomes it. */
export function chooseForClipboard(row: Row): void {
  if (isThing(row) && copyableIds().length < 2) select([row.node])
}

/** Move a row by one place; what must stay before or after it comes along. */
export function move(row: Row, step: 1 | -1): void {
  const { doc, wiring } = editor()
  if (isInput(row) && row.socket) moveInput(row.socket.key, step)
  if (row.type !== 'stage') return
  const keys = topRows(wiring, doc)
    .filter(({ type: is }) => is === 'stage')
    .map(({ node }) => node)
  const at = keys.indexOf(row.node)
  const other = keys[at + step]
  if (other === undefined) return
  const { order } = doc.stages
  const before = order[order.indexOf(other) - 1] ?? null
  const after = step === 1 ? other : before === row.node ? other : before
  if (perform(reorder(doc, wiring, row.node, after))) return
  const name = (id: string) => wiring.nodes.get(id)?.title ?? id
  const [first, last] = step === 1 ? [row.node, other] : [other, row.node]
  say(`${name(last)} uses ${name(first)}, so it must come after it.`)
}

function moveInput(key: string, step: 1 | -1): void {
  const { order } = editor().doc.inputs
  const at = order.indexOf(key)
  if (order[at + step] === undefined) return
  const after = order[step === 1 ? at + 1 : at - 2] ?? null
  perform({ label: 'Reorder inputs', ops: [{ op: 'order', table: 'inputs', key, after }] })
}

export function toggleSelected(row: Row): void {
  if (!isThing(row) && row.type !== 'inputs') return
  select([row.node], true)
  const count = editor().selection.size
  const name = editor().selection.has(row.node) ? 'Selected' : 'Not selected'
  say(count > 1 ? `${name}. ${count} selected.` : `${name}.`)
}

/** Select what a row is about, so that the inspector shows it. */
export function choose(row: Row, add = false): void {
  setAt(row.id)
  if (isInput(row) && row.socket) {
    select([INPUTS])
    useInspector.setState({ input: row.socket.key })
    return
  }
  if (row.node === INPUTS) useInspector.setState({ input: null })
  if (row.type !== 'notes') select([row.node], add)
}

/** Open the inspector on a row, and go there: to the field that a port is, else to the first. */
export function inspect(row: Row): void {
  if (row.type === 'notes') {
    setOpen(row.id, true)
    return
  }
  setAt(row.id)
  if (isInput(row) && row.socket) showInput(row.socket.key)
  else {
    const { selection } = editor()
    if (row.node === INPUTS) useInspector.setState({ input: null })
    if (!selection.has(row.node) || selection.size > 1) select([row.node])
    openInspector()
  }
  if (isPhone()) return
  useInspector.setState({ tab: 'settings', wanted: { node: row.node, field: fieldOf(row) } })
  afterDrawing(() => {
    const panel = document.querySelector('.inspector')
    if (panel?.contains(document.activeElement)) return
    const controls = 'input, textarea, select, button'
    const first =
      panel?.querySelector<HTMLElement>(`.inspector-body :is(${controls})`) ??
      panel?.querySelector<HTMLElement>(controls)
    first?.focus()
  })
}

/** Go to the field of a row's name. */
export function renameRow(row: Row): void {
  setAt(row.id)
  if (isInput(row) && row.socket) showInput(row.socket.key)
  rename(row.node)
}

function fieldOf(row: Row): string {
  if (row.type === 'in') return row.socket?.argument ?? ''
  if (row.type === 'stage') {
    const tool = editor().wiring.nodes.get(row.node)?.tool
    const text = tool && mainText(tool)
    return text ? text.name : 'label'
  }
  return isInput(row) ? 'name' : ''
}

/** Once what was just changed is in the page. */
export function afterDrawing(then: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(then))
}

export function newInput(type: InputType): void {
  const edit = addInput(editor().doc, type)
  const key = edit.ops[0]?.op === 'put' ? edit.ops[0].key : null
  askForInput(false)
  if (!perform(edit) || key === null) return
  revealInput(key)
}

/** Put the keyboard on an input's row. */
export function revealInput(key: string): void {
  setOpen(INPUTS, true)
  setAt(inputRow(key))
  afterDrawing(() => focusRow(inputRow(key)))
}

export function newNote(): void {
  perform(inView(addNote(editor().doc, { x: 0, y: 0 })))
}

export function selectAll(): void {
  select(
    rowsNow()
      .filter(isThing)
      .map(({ node }) => node),
  )
  say(`${editor().selection.size} selected.`)
}

/** Close the menu; the keyboard is on its row again. */
export function closeMenu(): void {
  openMenu(null)
  if (rowAt()) focusRow()
}
