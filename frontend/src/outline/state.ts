/** The state of the outline alone: where the keyboard is, what is open, the tab on phones. */

import { create } from 'zustand'
import { focus } from '../editor/actions'
import { editor } from '../editor/store'
import { INPUTS } from '../graph/wiring'
import { NOTES } from './notes'
import type { RowAction } from './rowActions'
import type { Row } from './tree'

export type Tab = 'outline' | 'run' | 'results'

interface OutlineState {
  /** The row of the keyboard. */
  at: string | null
  /** Rows whose ports are shown. */
  open: ReadonlySet<string>
  /** On phones: what is in the outline's place. */
  tab: Tab
  /** The row whose menu is open. */
  menu: string | null
  isAddingInput: boolean
}

export const useOutline = create<OutlineState>(() => ({
  at: null,
  open: new Set(window.innerWidth < 760 ? [NOTES] : [INPUTS, NOTES]),
  tab: 'outline',
  menu: null,
  isAddingInput: false,
}))

/** The state now, for event handlers. */
export const outline = useOutline.getState
const set = useOutline.setState

/** The visible rows, as the tree last drew them. */
let visibleRows: readonly Row[] = []

export function provideRows(rows: readonly Row[]): void {
  visibleRows = rows
}

export function rowsNow(): readonly Row[] {
  return visibleRows
}

export function rowAt(id: string | null = outline().at): Row | null {
  return visibleRows.find((row) => row.id === id) ?? null
}

let actions: (row: Row) => readonly RowAction[] = () => []

/** The outline brings what rows do; where it was never shown there is no row to do it. */
export function provideActions(found: (row: Row) => readonly RowAction[]): void {
  actions = found
}

export function actionsOf(row: Row): readonly RowAction[] {
  return actions(row)
}

/** The keyboard is on this row now. */
export function setAt(id: string | null): void {
  if (outline().at !== id) set({ at: id })
  const node = rowAt(id)?.node ?? null
  focus(node !== null && editor().wiring.nodes.has(node) ? node : null)
}

export function setOpen(id: string, isOpen: boolean): void {
  const { open } = outline()
  if (open.has(id) === isOpen) return
  const next = new Set(open)
  if (isOpen) next.add(id)
  else next.delete(id)
  set({ open: next })
}

export function setTab(tab: Tab): void {
  set({ tab })
}

export function openMenu(row: string | null): void {
  set({ menu: row })
}

export function askForInput(isAsking: boolean): void {
  set({ isAddingInput: isAsking })
}

/** Put the keyboard on a row that is shown. */
export function focusRow(id: string | null = outline().at): void {
  if (id === null) return
  setAt(id)
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus()
}
