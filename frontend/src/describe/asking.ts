/** Asks the server for a proposal, and takes its answer in. */

import { ApiError } from '../api/http'
import { toSpec } from '../document/convert'
import { diff } from '../document/diff'
import { isObject, own, row, TEMPLATE } from '../document/ops'
import { dismissToast, say } from '../editor/actions'
import { api } from '../editor/api'
import { editor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { keepWritten, remember, writtenBrief } from './briefs'
import { withKeysOf } from './keys'
import { placeDraft } from './placing'
import { receive } from './proposal'
import { describing, useDescribe } from './store'

/** Codes of answers that ask for more or other words; nothing is charged. */
const ASKS = /^brief\./
const set = useDescribe.setState
let request: AbortController | null = null

/** Return true if the template has nothing that could be changed. */
export function isBlank(): boolean {
  return editor().doc.stages.order.length === 0
}

/** Return the brief written here before, or, without stages, the one the template was made for. */
export function firstBrief(): string {
  const draft = writtenBrief()
  if (draft !== null || !isBlank()) return draft ?? ''
  const template = row(editor().doc, 'root', TEMPLATE)
  const brief = isObject(template) ? own(template, 'brief') : undefined
  return typeof brief === 'string' ? brief : ''
}

/** Open the box over the canvas, or go to the one that an empty canvas has. */
export function openBox(): void {
  if (describing().brief === '') set({ brief: firstBrief() })
  // It would lie over the box.
  dismissToast()
  set({ isOpen: true, hasSelection: true })
  // What was answered is selected then; see `Composer`.
  document.querySelector<HTMLTextAreaElement>('.describe textarea')?.focus()
}

export function write(brief: string): void {
  keepWritten(brief)
  set({ brief, problem: '' })
}

/** Keys of the stages that are selected. */
export function chosenStages(): string[] {
  const { selection, doc } = editor()
  return doc.stages.order.filter((key) => selection.has(key))
}

/** Ask for what the box says. The document can be edited meanwhile; one answer at a time. */
export async function ask(): Promise<void> {
  const brief = describing().brief.trim()
  if (brief === '') {
    set({ problem: isBlank() ? 'Write what you want first.' : 'Write what to change first.' })
    return
  }
  const { doc } = editor()
  const keys = describing().hasSelection ? chosenStages() : []
  const selection = keys.map((key) => stageOf(doc, key).id || key)
  const mine = new AbortController()
  request?.abort()
  request = mine
  remember(brief)
  set({ since: Date.now(), problem: '', isQuestion: false })
  say(isBlank() ? 'Drafting a template.' : 'Drafting a change.')
  try {
    const template = toSpec(doc)
    const answer = await api.compose({ brief, template, selection }, { signal: mine.signal })
    if (request !== mine || describing().since === null) return
    const draft = placeDraft(doc, withKeysOf(doc, answer.state), editor().tools)
    const ops = diff(doc, draft)
    set({ since: null, answered: describing().brief })
    if (ops.length === 0) fail([answer.message, ...answer.warnings].filter(Boolean).join(' '))
    else receive({ brief, answer, base: doc, ops })
  } catch (error) {
    if (request !== mine || describing().since === null) return
    fail((error as Error).message, error instanceof ApiError && ASKS.test(error.code))
  }
}

/** isQuestion: more words answer it, so what there is stays as it is. */
function fail(problem: string, isQuestion = false): void {
  const answeredBrief = isQuestion ? '' : describing().brief
  set({
    since: null,
    problem: problem || 'Nothing to change.',
    isQuestion,
    answered: answeredBrief,
  })
  say(describing().problem)
}

/** No longer wait for the answer. The brief stays in its box. */
export function stop(): void {
  request?.abort()
  request = null
  set({ since: null })
  say('Stopped. Your text is kept.')
}
