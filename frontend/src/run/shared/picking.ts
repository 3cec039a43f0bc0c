/** Choosing some of several. Pure. */

/** Return the selection after `id` was pressed: without it, with it, or it for the only one. */
export function chosen(ids: readonly string[], id: string, max: number): readonly string[] {
  if (ids.includes(id)) return ids.filter((known) => known !== id)
  if (max <= 1) return [id]
  // One more than there may be says so by not being taken.
  return ids.length >= max ? ids : [...ids, id]
}

/** "2 of 3", "1 of 2–4". */
export function pickWords(count: number, min: number, max: number): string {
  return `${count} of ${min === max ? max : `${min}–${max}`}`
}

/** Return the reason that so many cannot be sent, or null. */
export function wrongWith(count: number, min: number, max: number): string | null {
  if (count < min) return `Choose ${min - count} more`
  return count > max ? `Remove ${count - max}` : null
}
