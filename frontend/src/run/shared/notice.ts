/** The notice of a result, as runs/result_notice.py writes it for pages. Pure. */

import type { Medium } from '../../api/schema'

/** Return whose draft a result is, and what its stage warned of, each sentence once. */
export function noticeWords(
  { isDraft, madeBy }: Pick<Medium, 'isDraft' | 'madeBy'>,
  warnings: readonly string[],
): string {
  const draft = madeBy ? 'Draft quality.' : 'Draft quality, made by the built-in studio.'
  return [...new Set([isDraft ? draft : '', ...warnings])].filter(Boolean).join(' ')
}
