import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { Issue } from '../api/schema'
import { editor, useEditor } from '../editor/store'
import { revealInput } from './doing'
import { LooseRow } from './LooseRow'
import { PortRow } from './PortRow'
import { StageRow } from './StageRow'
import { focusRow, outline, provideRows, setAt, useOutline } from './state'
import { childRows, type Row, shownRows, survivor, topRows } from './tree'
import { sourcesOf } from './words'

const NO_ROWS: readonly Row[] = []

/** The rows as a tree, with one stop for the keyboard. */
export function Tree({ labelledBy }: { labelledBy: string }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const issues = useEditor((state) => state.issues)
  const open = useOutline((state) => state.open)
  const { frames, notes } = doc
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the document, only these count.
  const tops = useMemo(() => topRows(wiring, doc), [wiring, frames.order, notes.order])
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the document, only these count.
  const rows = useMemo(
    () => shownRows(tops, open, wiring, doc),
    [tops, open, wiring, frames.order, notes.order],
  )
  const worst = useMemo(() => worstOf(issues), [issues])
  useFocus(rows)
  let place = 0
  const count = tops.filter(({ is }) => is === 'stage').length
  return (
    <ol
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a list that is walked.
      role="tree"
      className="orows"
      aria-labelledby={labelledBy}
      aria-multiselectable="true"
    >
      {tops.map((row) => {
        if (row.is === 'stage') place += 1
        const below = open.has(row.id) ? childRows(row, wiring, doc) : NO_ROWS
        const ports =
          below.length > 0 ? (
            // biome-ignore lint/a11y/useSemanticElements: rows below a row of a tree.
            <ol role="group" className="ports-of">
              {below.map((one) =>
                one.socket ? (
                  <PortRow key={one.id} row={one} />
                ) : (
                  <LooseRow key={one.id} row={one} />
                ),
              )}
            </ol>
          ) : null
        return (
          <StageRow
            key={row.id}
            row={row}
            place={place}
            count={count}
            from={row.is === 'stage' ? sourcesOf(wiring, row.node) : ''}
            issue={worst.get(row.node)}
            isOpen={open.has(row.id)}
          >
            {ports}
          </StageRow>
        )
      })}
    </ol>
  )
}

function worstOf(issues: readonly Issue[]): Map<string, Issue> {
  const found = new Map<string, Issue>()
  for (const issue of issues) {
    if (issue.stageId === null) continue
    const known = found.get(issue.stageId)
    if (!known || (known.severity !== 'error' && issue.severity === 'error'))
      found.set(issue.stageId, issue)
  }
  return found
}

/** Keep the keyboard on a row: on its neighbour when the row goes, on what was added here. */
function useFocus(rows: readonly Row[]): void {
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
    const known = inputs.current
    inputs.current = null
    const fresh = known && editor().doc.inputs.order.find((key) => !known.includes(key))
    if (fresh) revealInput(fresh)
  }, [isAdding])
}

/** The focus was on a row, as far as that row was not left for something else. */
let hadFocus = false

/** What rows tell when the focus comes and goes. */
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
