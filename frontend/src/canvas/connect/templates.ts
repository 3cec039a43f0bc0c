/** Templates to insert as stages: which there are, where they fit, and the way to insert one. */

import { useEffect, useState } from 'react'
import type { SocketKind, TemplateChoice } from '../../api/schema'
import { open, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import { BOOT, editor, useEditor } from '../../editor/store'
import { addUse } from '../../editor/uses'
import { listed } from '../../graph/words'
import { closeness } from '../../parts/matching'
import { add } from './adding'
import type { Choice, Place } from './choices'

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

/** Return how a template goes there; null: it does not. */
export function fitOf({ takes, gives }: TemplateChoice, place: Place): Choice['fit'] | null {
  const isTaken = (kind: SocketKind) => takes.some((one) => one === kind)
  if (place.type === 'free') return 'fits'
  if (place.type === 'end') {
    const { kind, side } = place.end
    // Nothing takes a decision itself, but everything can wait for it.
    if (kind === 'choice') return 'fits'
    return side === 'in' ? (gives === kind ? 'fits' : null) : isTaken(kind) ? 'fits' : null
  }
  const { kind, target, targetSocket } = place.wire
  const sockets = editor().wiring.nodes.get(target)?.inputs ?? []
  const kindThere = sockets.find((socket) => socket.key === targetSocket)?.kind ?? kind
  if (isTaken(kind)) return gives === kindThere ? 'between' : 'takes'
  return gives === kindThere && targetSocket.startsWith('port:') ? 'makes' : null
}

/** Add a template as a stage. What others would come to see by that is asked about first. */
export function insertTemplate(choice: TemplateChoice, place: Place, fit: Choice['fit']): void {
  const insert = () => void addWhenAllowed(choice, place, fit)
  if (!choice.asks) {
    insert()
    return
  }
  open({
    name: 'confirm',
    title: `Insert ${choice.title}`,
    text: `Everyone who works on “${editor().template.name}” will be able to open this version.`,
    action: 'Insert',
    run: insert,
  })
}

async function addWhenAllowed(
  { template, version }: TemplateChoice,
  place: Place,
  fit: Choice['fit'],
): Promise<void> {
  try {
    const { tool } = await addUse(template, version)
    add({ type: 'tool', tool }, place, fit)
  } catch (error) {
    toast((error as Error).message)
  }
}
