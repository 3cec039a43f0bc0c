import { useMemo } from 'react'
import { isGroupNotice } from '../editor/notices'
import { type ShownIssue, useEditor } from '../editor/store'
import { useFocus } from './focus'
import { LooseRow } from './LooseRow'
import { PortRow } from './PortRow'
import { StageRow } from './StageRow'
import { useOutline } from './state'
import { childRows, type Row, shownRows, topRows } from './tree'
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
  const count = tops.filter(({ type: is }) => is === 'stage').length
  return (
    <ol
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a list that is walked.
      role="tree"
      className="outline-rows"
      aria-labelledby={labelledBy}
      aria-multiselectable="true"
    >
      {tops.map((row) => {
        if (row.type === 'stage') place += 1
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
            from={row.type === 'stage' ? sourcesOf(wiring, row.node) : ''}
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

function worstOf(issues: readonly ShownIssue[]): Map<string, ShownIssue> {
  const worst = new Map<string, ShownIssue>()
  for (const issue of issues) {
    if (issue.stageId === null || isGroupNotice(issue)) continue
    const before = worst.get(issue.stageId)
    if (!before || (before.severity !== 'error' && issue.severity === 'error'))
      worst.set(issue.stageId, issue)
  }
  return worst
}
