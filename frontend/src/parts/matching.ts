/** Finding things by a few letters: in the palette, in the command palette, among stages. */

import type { Tool } from '../api/schema'

/**
 * Return the fit of words to a text: 0 none; higher is better. Every word must be found, at the
 * start of a word of the text better than inside; letters in order ("gi" for Generate image) are
 * last.
 */
export function closeness(text: string, words: string): number {
  const query = words.trim().toLowerCase()
  if (!query) return 1
  const within = text.toLowerCase()
  if (within === query) return 100
  if (within.startsWith(query)) return 80
  const parts = query.split(/\s+/)
  const starts = ` ${within.replace(/[^\p{L}\p{N}]+/gu, ' ')}`
  if (parts.every((part) => starts.includes(` ${part}`))) return 60
  if (parts.every((part) => within.includes(part))) return 40
  const initials = starts
    .trim()
    .split(' ')
    .map((word) => word[0])
    .join('')
  return initials.startsWith(query.replace(/\s+/g, '')) ? 30 : 0
}

/** Things that fit, the best first; equally good ones stay in their order. */
export function best<Thing>(
  things: readonly Thing[],
  words: string,
  texts: (thing: Thing) => readonly string[],
): Thing[] {
  if (!words.trim()) return [...things]
  return things
    .map((thing) => {
      // What comes first among its texts is its name; the others count for less.
      const scores = texts(thing).map((text, place) => closeness(text, words) - place * 5)
      return { thing, score: Math.max(0, ...scores) }
    })
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ thing }) => thing)
}

export function matching(tools: readonly Tool[], words: string): Tool[] {
  return best(tools, words, (tool) => [tool.title, tool.group, tool.name, tool.help])
}
