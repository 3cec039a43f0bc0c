/**
 * Problems of stages that were just added are said calmly, as what is still to fill in: until the
 * stage was edited and left, or a run was asked for. Only of what this window added.
 */

import type { Issue } from '../api/schema'
import type { Edit } from '../graph/edit'
import { type ShownIssue, setDocument, useEditor } from './store'

let problems: readonly Issue[] = []
/** Keys of the stages that were added, and whether they were edited since. */
const newStages = new Map<string, boolean>()

/** Keep the issues that the server found, in place of its earlier ones. */
export function keepIssues(issues: readonly Issue[]): void {
  problems = issues
  show()
}

/** An edit was done: what it added and selected is new, what it changed of that is edited. */
export function noteEdit(
  { ops, select = [] }: Edit,
  stages: Readonly<Record<string, unknown>>,
): void {
  const own = ops.filter(({ table }) => table === 'stages')
  const fresh = own.flatMap(({ op, key }) =>
    op === 'put' && select.includes(key) && !Object.hasOwn(stages, key) ? [key] : [],
  )
  for (const { key } of own) if (newStages.has(key)) newStages.set(key, true)
  for (const key of fresh) newStages.set(key, false)
  if (fresh.length > 0) show()
}

/** A run was asked for: what stops it is said as it is. */
export function sayAll(): void {
  if (newStages.size === 0) return
  newStages.clear()
  show()
}

useEditor.subscribe(({ selection }, before) => {
  if (selection === before.selection) return
  const editedKeys = [...newStages].filter(([key, isEdited]) => isEdited && !selection.has(key))
  for (const [key] of editedKeys) newStages.delete(key)
  if (editedKeys.length > 0) show()
})

function show(): void {
  const issues = problems.map((issue): ShownIssue => {
    const isCalm =
      issue.severity === 'error' && issue.stageId !== null && newStages.has(issue.stageId)
    return isCalm ? { ...issue, severity: 'warning', isCalm } : issue
  })
  setDocument({ issues })
  useEditor.setState({ calm: new Set(newStages.keys()) })
}
