/** Choosing some of several. Pure. */

/** What is chosen after `id` was pressed: taken out, put in, or in place of the only one. */
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

/** Why so many cannot be sent; null when they can. */
export function wrongWith(count: number, min: number, max: number): string | null {
  if (count < min) return `Choose ${min - count} more`
  return count > max ? `Remove ${count - max}` : null
}
