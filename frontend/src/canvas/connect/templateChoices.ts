/** Templates to choose from, beside tools: in the palette, and where a stage is added. */

import { useEffect, useState } from 'react'
import type { TemplateChoice } from '../../api/schema'
import { api } from '../../editor/api'
import { BOOT, useEditor } from '../../editor/store'
import { listed } from '../../graph/words'
import { closeness } from '../../parts/matching'

/** Milliseconds without a key before words are sent. */
const PAUSE_MS = 150
const NONE = { words: '', choices: [] as readonly TemplateChoice[] }

/** The templates that words may mean. isWanted: else nothing is asked. */
export function useTemplateChoices(words: string, isWanted = true): readonly TemplateChoice[] {
  const isAsked = useEditor((state) => state.canEdit) && isWanted
  const [answer, setAnswer] = useState(NONE)
  useEffect(() => {
    if (!isAsked) return
    const stop = new AbortController()
    const ask = async () => {
      const options = { signal: stop.signal }
      const { choices } = await api.templateChoices(BOOT.templateId, words.trim(), options)
      setAnswer({ words, choices })
    }
    // Without an answer there is still everything else to add.
    const timer = setTimeout(() => void ask().catch(() => {}), words ? PAUSE_MS : 0)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [words, isAsked])
  if (!isAsked) return NONE.choices
  if (answer.words === words) return answer.choices
  // Until the server answers, those that are known and still fit.
  return answer.choices.filter(({ title }) => words !== '' && closeness(title, words) > 0)
}

/** "by alice, image to video, 5 stages". */
export function templateWords({ owner, isOwn, takes, gives, stages }: TemplateChoice): string {
  const from = takes.length > 0 ? listed([...new Set(takes)]) : ''
  const does = from && gives ? `${from} to ${gives}` : from ? `takes ${from}` : ''
  const count = stages === 1 ? '1 stage' : `${stages} stages`
  return [isOwn ? '' : `by ${owner}`, does || (gives ? `makes ${gives}` : ''), count]
    .filter(Boolean)
    .join(', ')
}
