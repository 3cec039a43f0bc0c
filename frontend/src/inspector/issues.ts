/** The issues of a parameter, a stage, an input or the template. */

import type { Doc, Issue, Tool } from '../api/schema'
import { isObject } from '../document/ops'
import type { ToolTable } from '../graph/tools'

/** Return the issues of one parameter, under any spelling of its name. */
export function issuesOf(
  issues: readonly Issue[],
  tools: ToolTable,
  tool: Tool,
  parameter: string,
): Issue[] {
  return issues.filter(
    ({ argument }) => argument !== undefined && tools.parameter(tool, argument)?.name === parameter,
  )
}

/** Return the issues of one stage, by its id. */
export function issuesOfStage<T extends Issue>(issues: readonly T[], id: string): T[] {
  return issues.filter((issue) => issue.stageId === id)
}

/** Return the issues of one input, by its key. */
export function issuesOfInput(issues: readonly Issue[], doc: Doc, key: string): Issue[] {
  const record = doc.inputs.rows[key]
  const name = isObject(record) && typeof record.name === 'string' ? record.name : null
  const place = doc.inputs.order.indexOf(key)
  return issues.filter(({ path }) => {
    const [table, which] = path.split('/')
    return table === 'inputs' && (which === name || which === String(place))
  })
}

/** Return the issues of a field of the template itself. */
export function issuesOfTemplate(issues: readonly Issue[], field: string): Issue[] {
  return issues.filter(({ path, stageId }) => stageId === null && path.split('/')[0] === field)
}

export function worst(issues: readonly Issue[]): 'error' | 'warning' | null {
  if (issues.length === 0) return null
  return issues.some((issue) => issue.severity === 'error') ? 'error' : 'warning'
}
