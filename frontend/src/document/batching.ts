/** Ops as changes that the server takes: split when too many, folded when they repeat. */

import type { Op } from '../api/schema'
import { MAX_BYTES, MAX_OPS } from './ops'

// A little less than the server takes: it writes some numbers longer than we do.
const MAX_TEXT = MAX_BYTES - 8 * 1024

const encoder = new TextEncoder()

/** Bytes as JSON in UTF-8. */
export function sizeOf(value: unknown): number {
  const text = JSON.stringify(value)
  // No character takes more than three bytes a unit: most texts need no encoding to be small.
  return text.length * 3 <= MAX_TEXT ? text.length * 3 : encoder.encode(text).length
}

/**
 * The ops as lists that are each small enough for one change. An op that is too large by itself
 * stands alone: the server refuses it with a sentence that says why.
 */
export function split(ops: readonly Op[]): Op[][] {
  if (ops.length <= MAX_OPS && sizeOf(ops) <= MAX_TEXT) return [[...ops]]
  const parts: Op[][] = []
  let part: Op[] = []
  let size = 0
  for (const op of ops) {
    const more = encoder.encode(JSON.stringify(op)).length + 1
    if (part.length > 0 && (part.length >= MAX_OPS || size + more > MAX_TEXT)) {
      parts.push(part)
      part = []
      size = 0
    }
    part.push(op)
    size += more
  }
  if (part.length > 0) parts.push(part)
  return parts
}

/**
 * The ops without those `set`s that a later one writes over, with the same result on any document.
 *
 * A later `set` covers its own path and what is below it, up to where the record is put or removed.
 * One that removes a field does not, as the objects that an earlier one made on the way stay:
 * removalsCover passes over that, for inverses, where those objects are to go.
 */
export function collapse(ops: readonly Op[], options: { removalsCover?: boolean } = {}): Op[] {
  const coveredPaths = new Map<string, Set<string>>()
  const remaining: Op[] = []
  for (const op of [...ops].reverse()) {
    if (op.op === 'order') {
      remaining.push(op)
      continue
    }
    const record = JSON.stringify([op.table, op.key])
    if (op.op !== 'set') coveredPaths.delete(record)
    else {
      const later = coveredPaths.get(record) ?? new Set()
      if (op.path.some((_, end) => later.has(JSON.stringify(op.path.slice(0, end + 1))))) continue
      if (op.value !== undefined || options.removalsCover) later.add(JSON.stringify(op.path))
      coveredPaths.set(record, later)
    }
    remaining.push(op)
  }
  return remaining.reverse()
}
