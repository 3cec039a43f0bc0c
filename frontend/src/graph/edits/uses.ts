/** Stages that are a template, taken to another version of it. */

import type { Doc, Json, Use } from '../../api/schema'
import { row } from '../../document/ops'
import { Draft, type Edit, edit, fieldOf, nameOf } from '../edit'
import { referencesOf, withTemplates } from '../templates'

/** List the stages that are this version of a template, or hold stages that are, in order. */
export function stagesUsing(doc: Doc, reference: string): string[] {
  return doc.stages.order.filter((key) => referencesOf([recordOf(doc, key)]).has(reference))
}

/**
 * Take stages, and those inside them, to another version. What it has no input for stays in them, as
 * with another tool. reference: the version that they are.
 */
export function updateUse(doc: Doc, keys: readonly string[], reference: string, use: Use): Edit {
  const draft = new Draft(doc)
  for (const key of keys) {
    const record = recordOf(doc, key)
    for (const path of [['tool'], ['itemStage', 'tool']])
      if (fieldOf(record, path) === reference) draft.setField(key, path, use.reference)
    const next = withTemplates(record, { [reference]: use.reference })
    for (const path of [['subStages'], ['itemStage', 'subStages']]) {
      const inside = fieldOf(record, path)
      if (Array.isArray(inside) && referencesOf(inside).has(reference))
        draft.setField(key, path, fieldOf(next, path))
    }
  }
  const [first] = keys
  const what =
    keys.length === 1 && first !== undefined
      ? nameOf(doc, first)
      : `${keys.length} uses of ${use.title}`
  return edit(`Update ${what} to ${use.version}`, draft.ops)
}

function recordOf(doc: Doc, key: string): Json {
  return row(doc, 'stages', key) ?? null
}
