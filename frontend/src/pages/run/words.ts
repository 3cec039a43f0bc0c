/** The words of a run's page for a step and for the run. Pure. */

import type { PublicStepStatus, StageView } from '../../api/schema'
import { STEP_STATUS_WORDS } from '../../api/words'
import { unitWords } from '../../run/shared/credits'
import type { Counts, StepState } from '../../run/shared/stepState'
import { between, lasting } from '../../run/shared/time'

/** A step's state as the page's styles and the public log call it. */
export function stateOf(step: StepState): PublicStepStatus {
  if (step.status === 'waiting') return 'waiting_for_user'
  return step.status === 'ready' ? 'pending' : step.status
}

/** The line under a stage: why it failed, what it could not do, what it waits for or does. */
export function noteOf(
  step: StepState,
  view: StageView | undefined,
  read: StepState | undefined,
): string {
  const isAsRead = read?.status === step.status && (step.counts || read.message === step.message)
  if (view && isAsRead) return view.note
  switch (step.status) {
    case 'failed':
      return step.error?.headline ?? ''
    case 'running':
      return step.counts ? '' : step.message
    case 'ready':
    case 'waiting':
    case 'skipped':
      return step.message
    default:
      return ''
  }
}

/** "Generate image, seed 7, 2 credits". */
export function aboutWords(step: StepState, view: StageView | undefined): string {
  if (!view?.toolTitle) return ''
  const seed = step.seed === null ? '' : `, seed ${step.seed}`
  return `${view.toolTitle}${seed}, ${view.units ? unitWords(view.units) : 'free'}`
}

/**
 * "9 of 12, 2 failed, 1 running"; what waits for its turn is the rest. atWork: the title of a stage
 * inside that is running, which says more than how many are: "9 of 12, 2 failed · Still".
 */
export function itemCountWords(items: readonly StepState[], atWork = ''): string {
  const count = (status: string) => items.filter((item) => stateOf(item) === status).length
  const rest = Object.entries(COUNTED).flatMap(([status, word]) =>
    count(status) > 0 && !(atWork && status === 'running') ? [`${count(status)} ${word}`] : [],
  )
  const words = [`${count('completed')} of ${items.length}`, ...rest].join(', ')
  return words + (atWork && ` · ${atWork}`)
}

const COUNTED: Partial<Readonly<Record<PublicStepStatus, string>>> = {
  failed: 'failed',
  running: 'running',
  waiting_for_user: 'waiting',
  skipped: 'skipped',
  cancelled: 'stopped',
}

/**
 * Return the name of a tile: `Try 4, failed: The provider is full.` The note of a result is left out
 * where its batch says the same.
 */
export function tileName(item: StepState, title: string, note: string, ofBatch = ''): string {
  const isResult = item.status === 'completed' && note !== ofBatch
  const reason = isResult || item.status === 'failed' || item.status === 'skipped' ? note : ''
  return `${title}, ${STEP_STATUS_WORDS[stateOf(item)].toLowerCase()}${reason && `: ${reason}`}`
}

/** Return the time that a step took, or takes until now; empty before it began. */
export function tookWords(step: StepState, now: number): string {
  if (!step.startedAt) return ''
  const goesOn = step.status === 'running' || step.status === 'waiting'
  if (!goesOn && !step.finishedAt) return ''
  return lasting(between(step.startedAt, goesOn ? null : step.finishedAt, now))
}

/** "Postcards, 9 of 12". */
export function doingWords(title: string, counts: Counts | undefined): string {
  return counts ? `${title}, ${counts.done} of ${counts.total}` : title
}
