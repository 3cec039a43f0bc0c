/** The row of the tree that has the keyboard. */

import { useEffect, useLayoutEffect, useRef } from 'react'
import { editor, useEditor } from '../editor/store'
import { revealInput } from './rowEdits'
import { focusRow, outline, provideRows, setAt } from './state'
import { type Row, survivor } from './tree'

/** Keep the keyboard on a row: on its neighbour when the row goes, on what was added here. */
export function useFocus(rows: readonly Row[]): void {
  const before = useRef<readonly Row[]>([])
  const selection = useEditor((state) => state.selection)
  const isAdding = useEditor((state) => state.dialog?.name === 'add')
  const chosen = useRef(selection)
  const inputs = useRef<readonly string[] | null>(null)
  provideRows(rows)

  useLayoutEffect(() => {
    const { at } = outline()
    const next = survivor(before.current, rows, at)
    before.current = rows
    if (next !== at) setAt(next)
    // Only a focus that went with its row is put back: no one's focus is taken.
    if (hadFocus && document.activeElement === document.body) focusRow(next)
  }, [rows])

  useEffect(() => {
    // What was selected before the outline came leaves the keyboard where it is.
    if (chosen.current === selection) return
    chosen.current = selection
    const [only, another] = selection
    if (only === undefined || another !== undefined) return
    const row = before.current.find(({ node, id }) => node === only && id === only)
    const current = before.current.find(({ id }) => id === outline().at)
    if (!row || current?.node === only) return
    const isHere = document.activeElement?.closest('.outline, dialog') != null
    if (isHere || document.activeElement === document.body) focusRow(row.id)
    else setAt(row.id)
  }, [selection])

  useEffect(() => {
    if (isAdding) {
      inputs.current = editor().doc.inputs.order
      return
    }
    const before = inputs.current
    inputs.current = null
    const fresh = before && editor().doc.inputs.order.find((key) => !before.includes(key))
    if (fresh) revealInput(fresh)
  }, [isAdding])
}

/** The focus was on a row, as far as that row was not left for something else. */
let hadFocus = false

/** Handlers of rows for when the focus comes and goes. */
export const followFocus = {
  onFocus: (id: string) => {
    hadFocus = true
    setAt(id)
  },
  onBlur: (element: Element) => {
    requestAnimationFrame(() => {
      // A row that was taken out of the page is not left: its neighbour takes over.
      if (element.isConnected && !document.activeElement?.closest('[role=tree]')) hadFocus = false
    })
  },
}
