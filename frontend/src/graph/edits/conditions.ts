/** Edits of the condition on which a stage runs. */

import type { Doc, JsonObject } from '../../api/schema'
import { row } from '../../document/ops'
import { Draft, type Edit, edit, nameOf } from '../edit'
import { conditionOf, conditionSources } from '../flow'
import { circle, orderBefore } from '../order'
import type { Wiring } from '../wiring'

/**
 * Let a stage run only when something holds; undefined: always. What it looks at is moved before
 * it. A text instead: why that cannot be.
 */
export function setCondition(
  doc: Doc,
  wiring: Wiring,
  key: string,
  condition: JsonObject | undefined,
): Edit | string {
  const draft = new Draft(doc)
  draft.set('stages', key, ['condition'], condition)
  const current = conditionOf(row(draft.doc, 'stages', key))
  for (const source of current ? conditionSources(doc, current) : []) {
    if (source === key) continue
    // Anyone who writes an expression may be half-way: the server says what is wrong in the end.
    const why = circle(wiring, source, key)
    if (why !== null && current?.type !== 'expr') return why
    if (why === null) draft.add(...orderBefore(draft.doc, wiring, source, key))
  }
  return edit(`Change when ${nameOf(doc, key)} runs`, draft.ops)
}
