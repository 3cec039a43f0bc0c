/** The badges above a node's picture: when it runs, and whether it pauses. */

import { useMemo } from 'react'
import { useEditor } from '../editor/store'
import { type Mark, marksOf } from '../graph/flow'

const NONE: readonly Mark[] = []

/** The marks of a stage; the same list while they say the same. */
export function useBadges(id: string): readonly Mark[] {
  // As one text, for titles of other stages are in it.
  const text = useEditor((state) =>
    marksOf(state.doc, state.wiring, id)
      .map(({ type: is, words }) => `${is} ${words}`)
      .join('\n'),
  )
  return useMemo(() => {
    if (text === '') return NONE
    return text.split('\n').map((line) => {
      const cut = line.indexOf(' ')
      return { type: line.slice(0, cut) as Mark['type'], words: line.slice(cut + 1) }
    })
  }, [text])
}
