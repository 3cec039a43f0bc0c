/** The draft of a plan, made again as its settings change. */

import { ApiError } from '../api/http'
import type { Doc } from '../api/schema'
import { toSpec } from '../document/convert'
import { diff } from '../document/diff'
import { editor } from '../editor/store'
import { compose } from './composeApi'
import { withKeysOf } from './keys'
import { placeDraft } from './placing'
import { lackOf } from './planForm'
import type { Plan, Proposal } from './planTypes'
import { replace } from './proposal'
import { describing, type Proposed, useDescribe } from './store'

const PAUSE_MS = 250
/** The pause where the server names none, or can't be reached. */
const WAIT_MS = 2_000
const set = useDescribe.setState
let request: AbortController | null = null
let timer: ReturnType<typeof setTimeout> | undefined

/** Return the changes of an answer in the document that was sent. */
export function proposalOf(
  brief: string,
  answer: Proposal,
  base: Doc,
  by = answer.planner,
): Proposed {
  const draft = placeDraft(base, withKeysOf(base, answer.state), editor().tools)
  return { brief, answer, base, ops: diff(base, draft), by }
}

/** Change the plan; its draft follows when the person pauses. */
export function changePlan(plan: Plan): void {
  set({ plan })
  draftSoon(plan, PAUSE_MS)
}

function draftSoon(plan: Plan, delayMs: number): void {
  request?.abort()
  clearTimeout(timer)
  const lack = lackOf(plan) ?? ''
  const { planProblem } = describing()
  set({ isDrafting: !lack, lack, planProblem: planProblem === lack ? lack : '' })
  if (!lack) timer = setTimeout(() => void draft(plan), delayMs)
}

/** Say what the plan lacks, if it does. */
export function sayLack(): void {
  const { lack } = describing()
  if (lack) set({ planProblem: lack })
}

async function draft(plan: Plan): Promise<void> {
  const proposal = describing().proposed
  // It may be changed again, accepted or refused at any time.
  const isOver = () => describing().plan !== plan
  if (!proposal || isOver()) return
  const { brief, base, by } = proposal
  request = new AbortController()
  const words = { settings: plan, brief, template: toSpec(base) }
  try {
    const answer = await compose(words, { signal: request.signal })
    if (isOver()) return
    set({ isDrafting: false, planProblem: '' })
    replace(proposalOf(brief, answer, base, by))
  } catch (error) {
    if (isOver()) return
    const { message: planProblem } = error as Error
    if (!(error instanceof ApiError)) {
      draftSoon(plan, WAIT_MS)
      set({ planProblem })
    } else if (error.status === 429) draftSoon(plan, 1_000 * (error.retryAfter ?? 0) || WAIT_MS)
    else set({ isDrafting: false, planProblem })
  }
}
