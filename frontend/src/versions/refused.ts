/** A draft with errors cannot become a version: lead to the first of them. */

import { closeDialog, focus, select, setMode } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { editor } from '../editor/store'

export function showIssues(): void {
  closeDialog()
  setMode('edit')
  const first = editor().issues.find((issue) => issue.severity === 'error' || issue.isCalm)
  if (!first?.stageId) {
    select([])
    return
  }
  select([first.stageId])
  focus(first.stageId)
  runCommand('view.reveal')
}
