/** Stages that are a template, taken to another version of it. */

import type { Doc, Use } from '../../api/schema'
import { stageOf } from '../documentReaders'
import { Draft, type Edit, edit, nameOf } from '../edit'

/** List the stages that are this version of a template, in order. */
export function stagesUsing(doc: Doc, reference: string): string[] {
  return doc.stages.order.filter((key) => stageOf(doc, key).tool === reference)
}

/** Take stages to another version. What it has no input for stays in them, as with another tool. */
export function updateUse(doc: Doc, keys: readonly string[], use: Use): Edit {
  const draft = new Draft(doc)
  for (const key of keys) {
    const isBatch = stageOf(doc, key).type === 'batch'
    draft.setField(key, isBatch ? ['itemStage', 'tool'] : ['tool'], use.reference)
  }
  const [first] = keys
  const what =
    keys.length === 1 && first !== undefined
      ? nameOf(doc, first)
      : `${keys.length} uses of ${use.title}`
  return edit(`Update ${what} to ${use.version}`, draft.ops)
}
