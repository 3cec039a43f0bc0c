/** Issues are worded for whoever calls the API; on screen, fields have titles. */

import { row } from '../document/ops'
import { readStage } from '../graph/records'
import type { Issue } from '../types'
import { editor } from './store'

/** The issue as the editor says it. */
export function worded(issue: Issue): Issue {
  if (issue.code !== 'missing_argument' || !issue.stageId || !issue.argument) return issue
  const { doc, tools } = editor()
  const tool = tools.get(readStage(row(doc, 'stages', issue.stageId)).tool)
  if (!tool) return issue
  const { port, parameter } = tools.argument(tool, issue.argument)
  const title = port?.title ?? parameter?.title
  return title ? { ...issue, message: `${title} is needed.` } : issue
}
