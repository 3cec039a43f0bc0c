/** A proposal on a document that was changed meanwhile. */

import type { Doc, Op } from '../api/schema'
import { applyAll, row, same } from '../document/ops'
import { fieldOf } from '../graph/edit'
import { unitOfOp } from '../versions/entries'

/**
 * doc: the newest document with the proposal in it. contested: units of entries that someone has
 * edited since the proposal was asked for. lost: keys of stages and inputs that were deleted since.
 */
export interface Rebased {
  readonly doc: Doc
  readonly contested: ReadonlySet<string>
  readonly lost: ReadonlySet<string>
}

/** ops: from `base` to the proposal. */
export function rebase(base: Doc, ops: readonly Op[], now: Doc): Rebased {
  const contestedKeys = new Set<string>()
  const lostKeys = new Set<string>()
  if (base !== now)
    for (const op of ops) {
      const unit = unitOfOp(op)
      if (unit === null) continue
      const [old, current] = [row(base, op.table, op.key), row(now, op.table, op.key)]
      if (op.op === 'set' && current === undefined) {
        if (op.table === 'stages' || op.table === 'inputs') lostKeys.add(op.key)
      } else if (isContested(op, old, current)) contestedKeys.add(unit)
    }
  return { doc: applyAll(now, ops).doc, contested: contestedKeys, lost: lostKeys }
}

/** Return true if someone else wrote what an op writes over, and not to the same effect. */
function isContested(
  op: Op,
  old: ReturnType<typeof row>,
  current: ReturnType<typeof row>,
): boolean {
  if (op.op === 'set') {
    const value = fieldOf(current, op.path)
    return !same(value, fieldOf(old, op.path)) && !same(value, op.value)
  }
  if (op.op === 'remove') return current !== undefined && !same(old, current)
  return op.op === 'put' && !same(old, current) && !same(current, op.value)
}
