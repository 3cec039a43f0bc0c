/** A proposal on a document that was changed meanwhile. */

import type { Doc, Op } from '../api/schema'
import { applyAll, row, same } from '../document/ops'
import { fieldOf } from '../graph/edit'
import { unitOfOp } from '../versions/entries'

/**
 * doc: the newest document with the proposal in it. conflicts: units of entries that someone has
 * edited since the proposal was asked for. deletions: keys of stages and inputs that are gone.
 */
export interface Rebased {
  readonly doc: Doc
  readonly conflicts: ReadonlySet<string>
  readonly deletions: ReadonlySet<string>
}

/** ops: from `base` to the proposal. */
export function rebase(base: Doc, ops: readonly Op[], now: Doc): Rebased {
  const conflicts = new Set<string>()
  const deletions = new Set<string>()
  for (const op of base === now ? [] : ops) {
    const unit = unitOfOp(op)
    if (unit === null) continue
    const path = op.op === 'set' ? op.path : []
    const [old, current] = [row(base, op.table, op.key), row(now, op.table, op.key)]
    if (op.op === 'set' && current === undefined) {
      if (op.table === 'stages' || op.table === 'inputs') deletions.add(op.key)
      continue
    }
    const value = fieldOf(current, path)
    const target = 'value' in op ? op.value : undefined
    // Someone else wrote what the op writes over, and not to the same effect.
    if (!same(value, fieldOf(old, path)) && !same(value, target)) conflicts.add(unit)
  }
  return { doc: applyAll(now, ops).doc, conflicts, deletions }
}
