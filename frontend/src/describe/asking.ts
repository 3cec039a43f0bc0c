/** Asks the server for a proposal, and takes its answer in. */

import { ApiError } from '../api/http'
import { toSpec } from '../document/convert'
import { row, TEMPLATE } from '../document/ops'
import { dismissToast, say } from '../editor/actions'
import { editor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { fieldOf } from '../graph/edit'
import { keepWritten, remember, writtenBrief } from './briefs'
import { compose, keptProposal } from './composeApi'
import { problemOfControls } from './controlForm'
import { proposalOf } from './drafting'
import { fingerprint, keptPlan } from './planRow'
import type { Source } from './planTypes'
import { receive, wait } from './proposal'
import { describing, STALE, useDescribe } from './store'

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
  const brief = fieldOf(row(editor().doc, 'root', TEMPLATE), ['brief'])
  return typeof brief === 'string' ? brief : ''
}

/** Open the box over the canvas, or go to the one that an empty canvas has. */
export function openBox(): void {
  if (describing().brief === '') set({ brief: firstBrief() })
  // It would lie over the box.
  dismissToast()
  set({ isOpen: true, hasSelection: true })
  // What was answered is selected then; see `Composer`.
  document.querySelector<HTMLElement>('.describe :is(textarea, select)')?.focus()
}

export function write(brief: string): void {
  keepWritten(brief)
  set({ brief, problem: '' })
}

/** Keys of the stages that a change is limited to; none: it is of all. */
export function chosenStages(): string[] {
  const { selection, doc } = editor()
  return describing().hasSelection ? doc.stages.order.filter((key) => selection.has(key)) : []
}

export function chosenIds(): string[] {
  return chosenStages().map((key) => stageOf(editor().doc, key).id || key)
}

/**
 * Request a proposal for the text of the box, or for the controls. The document can be edited until
 * it arrives. One request runs at a time.
 */
export async function ask(): Promise<void> {
  const { controls, answered } = describing()
  const hasBox = isBlank() || editor().boot.hasLanguageModel
  const brief = hasBox ? describing().brief.trim() : ''
  const selection = chosenIds()
  if (!isBlank() && Object.keys(controls).length > 0) {
    const isBoth = brief !== '' && describing().brief !== answered
    const problem = isBoth ? 'Write it or set it, not both.' : problemOfControls(controls)
    if (problem) set({ problem })
    else await propose('', { selection, controls })
  } else if (brief !== '') {
    remember(brief)
    await propose(brief, { selection, language: navigator.language.split('-')[0] ?? '' })
  } else if (isBlank()) set({ problem: 'Write what you want first.' })
  else set({ problem: `${hasBox ? 'Write' : 'Set'} what to change first.` })
}

/** by: the planner of a plan that is opened again. */
async function propose(brief: string, source: Source, by?: string): Promise<void> {
  const { doc } = editor()
  const mine = new AbortController()
  request?.abort()
  request = mine
  set({ since: Date.now(), problem: '', isQuestion: false })
  say(isBlank() ? 'Drafting a template.' : 'Drafting a change.')
  try {
    const words = { brief, template: toSpec(doc), ...source }
    const answer = await compose(words, { signal: mine.signal })
    if (request !== mine || describing().since === null) return
    const proposal = proposalOf(brief, answer, doc, by)
    set({ since: null, answered: describing().brief })
    // A plan that is opened again changes nothing yet.
    if (proposal.ops.length > 0 || answer.plan) receive(proposal)
    else fail([answer.message, ...answer.warnings].filter(Boolean).join(' '))
  } catch (error) {
    if (request !== mine || describing().since === null) return
    fail((error as Error).message, error instanceof ApiError && ASKS.test(error.code))
  }
}

/** Open the plan that the stages were made by, with a warning where it would undo other edits. */
export async function openPlan(): Promise<void> {
  const { doc } = editor()
  const plan = keptPlan(doc)
  if (!plan) return
  await propose(plan.brief, { settings: plan.settings }, plan.by)
  set({ isReplacing: describing().proposed !== null && fingerprint(doc) !== plan.hash })
}

/** Show the proposal from before a reload, if there is one. */
export async function resume(): Promise<void> {
  // Without one, or offline, there is nothing to show.
  const row = await keptProposal().catch(() => null)
  if (!row || describing().proposed || describing().since !== null) return
  // Changes that the server has not seen make it stale, too.
  if (row.isStale || editor().sync.pending > 0) {
    set({ stale: row })
    say(STALE)
    return
  }
  wait(proposalOf(row.brief, row.proposal, editor().doc))
}

/** Draft a stale proposal for what the template is now. Its plan costs nothing. */
export async function makeAgain(): Promise<void> {
  const { stale } = describing()
  if (!stale) return
  const { brief, proposal, controls, selection } = stale
  set({ stale: null })
  if (controls) return propose('', { selection, controls })
  if (proposal.plan) return propose(brief, { settings: proposal.plan.settings }, proposal.planner)
  set({ brief })
  await ask()
}

/** isQuestion: more words answer it, so what there is stays as it is. */
function fail(problem: string, isQuestion = false): void {
  const answered = isQuestion ? '' : describing().brief
  set({ since: null, problem: problem || 'Nothing to change.', isQuestion, answered })
  say(describing().problem)
}

/** No longer wait for the answer. The brief stays in its box. */
export function stop(): void {
  request?.abort()
  request = null
  set({ since: null })
  say('Stopped. Your text is kept.')
}
