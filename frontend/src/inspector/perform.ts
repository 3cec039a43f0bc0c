/** Edits of the graph, done. */

import { act } from '../editor/actions'
import type { Edit } from '../graph/edit'

/** Do an edit as one undo step; with merge, as part of a burst. */
export function perform(edit: Edit, merge?: string): boolean {
  const { label, ops, select } = edit
  const chosen = select ? { select: [...select] } : {}
  return act({ label, ops: [...ops], ...chosen }, merge === undefined ? {} : { merge })
}
