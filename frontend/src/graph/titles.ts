/** The titles of stages. Twin of `numbered` in templates_app/graph/wiring.py. Pure. */

import type { StageRecord } from './documentReaders'
import { clean, wordsOf } from './words'

/** A title, and whether a person gave it. */
export interface Named {
  readonly title: string
  readonly isOwn: boolean
}

/** The title of a stage without its number: its label, else its tool, else its id in words, or "". */
export function namedOf({ label, id }: StageRecord, does: string): Named {
  const own = clean(label)
  const title = own || does || wordsOf(id) || id
  return { title, isOwn: title === '' || (own !== '' && own !== does) }
}

/** Titles in order. The second that only its tool's title names is "Generate image 2". */
export function numbered(named: readonly Named[]): string[] {
  const titles = new Set(named.flatMap(({ title, isOwn }) => (isOwn ? [title] : [])))
  const counts = new Map<string, number>()
  return named.map(({ title, isOwn }) => {
    let unique = title
    while (!isOwn && titles.has(unique)) {
      const count = (counts.get(title) ?? 1) + 1
      counts.set(title, count)
      unique = `${title} ${count}`
    }
    titles.add(unique)
    return unique
  })
}
