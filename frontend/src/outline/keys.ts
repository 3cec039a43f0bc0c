/** The keyboard in the outline: the tree pattern of ARIA, and letters that act on the row. */

import type { KeyboardEvent } from 'react'
import { say, select } from '../editor/actions'
import { keyNames, singleKeysOn } from '../editor/commands'
import { editor } from '../editor/store'
import { isTyping } from '../frame/events'
import { pressedKey } from '../frame/press'
import { actionsFor } from './rowActions'
import {
  addAfter,
  chooseForClipboard,
  inspect,
  newNote,
  selectAll,
  toggleSelected,
} from './rowEdits'
import { askForInput, focusRow, openMenu, outline, rowAt, rowsNow, setOpen } from './state'
import { type Row, rowCalled } from './tree'
import { rowTitle } from './words'

const SEARCH_MS = 700
let letters = ''
let typedAt = 0

/** Acts in the tree and beside it, so that an outline without rows has the keys that add. */
export function onOutlineKey(event: KeyboardEvent<HTMLElement>): void {
  if (event.defaultPrevented) return
  const target = event.target as Element
  if (editor().dialog) {
    // A dialog is on its way and will have the keyboard: what is typed meanwhile acts on no row.
    event.preventDefault()
    return
  }
  if (isTyping(event.nativeEvent) || target.closest('dialog, [role=menu]')) return
  const isButton = target.closest('button, a') !== null
  if (isButton && ['Enter', ' '].includes(pressedKey(event))) return
  const names = keyNames(event)
  const acts = (name: string) => walk(name, event.shiftKey) || doOn(name)
  if (search(event, names) || names.some(acts)) event.preventDefault()
}

function walk(name: string, isExtending: boolean): boolean {
  const rows = rowsNow()
  const row = rowAt()
  const at = rows.findIndex((one) => one.id === row?.id)
  switch (name) {
    case 'ArrowDown':
    case 'ArrowUp':
    case 'Shift+ArrowDown':
    case 'Shift+ArrowUp': {
      const next = rows[at + (name.endsWith('Down') ? 1 : -1)]
      if (!next) return true
      if (isExtending && row && !editor().selection.has(row.node)) toggleSelected(row)
      focusRow(next.id)
      if (isExtending && !editor().selection.has(next.node)) toggleSelected(next)
      return true
    }
    case 'Home':
      focusRow(rows[0]?.id ?? null)
      return true
    case 'End':
      focusRow(rows.at(-1)?.id ?? null)
      return true
    case 'PageDown':
    case 'PageUp': {
      const by = name === 'PageDown' ? 10 : -10
      focusRow(rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.id ?? null)
      return true
    }
    case 'ArrowRight':
      if (!row?.canOpen) return true
      if (!outline().open.has(row.id)) setOpen(row.id, true)
      else if (rows[at + 1]?.parent === row.id) focusRow(rows[at + 1]?.id)
      return true
    case 'ArrowLeft':
      if (!row) return true
      if (row.canOpen && outline().open.has(row.id)) setOpen(row.id, false)
      else if (row.parent !== null) focusRow(row.parent)
      return true
    default:
      return false
  }
}

function doOn(name: string): boolean {
  const row = rowAt()
  const isLetter = name.replace(/^Shift\+/, '').length === 1
  if (isLetter && !singleKeysOn()) return false
  switch (name) {
    case 'Space':
      if (row) toggleSelected(row)
      return true
    case 'Enter':
      if (row) inspect(row)
      return true
    case 'Escape':
      if (editor().selection.size > 0) {
        select([])
        return true
      }
      return false
    case 'Ctrl+A':
      selectAll()
      return true
    case 'Ctrl+C':
    case 'Ctrl+X':
      // The browser's own events do the rest, with what is selected then.
      if (row) chooseForClipboard(row)
      return false
    case 'ContextMenu':
    case 'Shift+F10':
      if (row) openMenu(row.id)
      return true
    default:
      break
  }
  if (!editor().canEdit) return false
  if (name === 'I') askForInput(true)
  else if (name === 'N') newNote()
  else if (row === null || !act(row, name)) {
    if (name !== 'A') return false
    addAfter(row)
  }
  return true
}

function act(row: Row, name: string): boolean {
  const action = actionsFor(row).find(({ keys }) => keys.includes(name))
  if (!action) return false
  if (action.not) say(action.not)
  else action.run()
  return true
}

/** Letters that name no action look for a row; once started, all letters do until a pause. */
function search(event: KeyboardEvent<HTMLElement>, names: readonly string[]): boolean {
  const key = pressedKey(event)
  const isLetter = /^[\p{L}\p{N}]$/u.test(key)
  if (event.ctrlKey || event.metaKey || event.altKey || !isLetter) {
    // Any other key ends a search: what comes next is meant for the row that was found.
    letters = ''
    return false
  }
  const isGoingOn = letters !== '' && event.timeStamp - typedAt < SEARCH_MS
  if (!isGoingOn) letters = ''
  const isActing = names.some((name) => ACTING.has(name.replace(/^Shift\+/, '')))
  if (!isGoingOn && singleKeysOn() && isActing) return false
  letters += key
  typedAt = event.timeStamp
  const { doc, wiring } = editor()
  const match = rowCalled(rowsNow(), outline().at, letters, (row) => rowTitle(row, doc, wiring))
  if (match) focusRow(match.id)
  return true
}

/** Letters that do something here, or in the whole editor. */
const ACTING = new Set(['A', 'C', 'I', 'M', 'N', 'O', 'R', 'T', 'U'])
