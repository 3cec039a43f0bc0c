/** The actions of every face of the editor. Nothing else changes the store or the document. */

import type { Json } from '../api/schema'
import type { DoOptions, Session } from '../document/session'
import { say } from '../frame/announcements'
import type { Edit } from '../graph/edit'
import { withKept } from '../graph/edits/keep'
import { noteEdit } from './calm'
import { type Dialog, editor, type Face, type Mode, useEditor, whyViewOnly } from './store'

export { say }

const set = useEditor.setState
let session: Session | null = null
let toastTimer: ReturnType<typeof setTimeout> | undefined
const TOAST_MS = 6_000

/** `editor/session.ts` gives the open document here. */
export function attach(opened: Session): void {
  session = opened
}

/**
 * Do an edit as one undo step. merge: names a gesture or burst of typing, whose edits are one step.
 * False: nothing changed, or the document may not be edited.
 */
export function act(edit: Edit | null, options: DoOptions = {}): boolean {
  if (!edit || !session) return false
  const reason = whyViewOnly(editor())
  if (reason !== null) {
    toast(reason)
    return false
  }
  const { doc, wiring, tools } = editor()
  const { ops } = withKept(edit, doc, wiring, tools)
  noteEdit({ ...edit, ops }, doc.stages.rows)
  const isChange = session.do(edit.label, ops, options)
  if (edit.select) select(edit.select)
  return isChange
}

/** The burst of typing or the drag is over. */
export function endGesture(): void {
  session?.endMerge()
}

export function undo(): void {
  const label = editor().undoLabel
  if (editor().canEdit && session?.undo()) say(`Undone: ${label ?? ''}`)
}

export function redo(): void {
  const label = editor().redoLabel
  if (editor().canEdit && session?.redo()) say(`Redone: ${label ?? ''}`)
}

/** Select these nodes; `add` toggles them in the selection there is. */
export function select(ids: Iterable<string>, add = false): void {
  const { selection } = editor()
  const next = new Set(add ? selection : [])
  for (const id of ids) {
    if (add && next.has(id)) next.delete(id)
    else next.add(id)
  }
  if (next.size === selection.size && [...next].every((id) => selection.has(id))) {
    if (editor().wire !== null) set({ wire: null })
    return
  }
  set({ selection: next, wire: null })
}

export function selectWire(id: string | null): void {
  set({ wire: id, selection: new Set() })
}

export function focus(id: string | null): void {
  if (editor().focused !== id) set({ focused: id })
}

export function open(dialog: Dialog): void {
  set({ dialog })
}

export function closeDialog(): void {
  set({ dialog: null })
}

export function setMode(mode: Mode): void {
  set({ mode })
}

export function setFace(face: Face): void {
  set({ face })
}

/** Tell something in passing, for six seconds; with one thing that can be done about it. */
export function toast(text: string, action?: { label: string; run: () => void }): void {
  clearTimeout(toastTimer)
  set({ toast: action ? { text, action } : { text } })
  say(text)
  toastTimer = setTimeout(() => set({ toast: null }), TOAST_MS)
}

export function dismissToast(): void {
  clearTimeout(toastTimer)
  set({ toast: null })
}

/** Set one field, as typing does: bursts on one field are one undo step. */
export function typeInto(
  label: string,
  table: 'root' | 'inputs' | 'stages' | 'nodes' | 'frames' | 'notes' | 'seeds' | 'values',
  key: string,
  path: string[],
  value: Json | undefined,
): boolean {
  const op = { op: 'set' as const, table, key, path }
  const ops = [value === undefined ? op : { ...op, value }]
  return act({ label, ops }, { merge: `${table}/${key}/${path.join('/')}` })
}
