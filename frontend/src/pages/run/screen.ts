/** The choice of what is shown large. Pure. */

import type { Medium } from '../../api/schema'
import { isFinal } from '../../run/shared/status'
import type { StepState } from '../../run/shared/stepState'
import type { OnScreen, PageHead, PageRun } from './pageRun'

interface Before extends PageRun {
  read: PageRun
  screen: OnScreen
}

/** After the run went on: its result once it is over, what is asked while it waits, else the newest. */
export function nextOnScreen(before: Before, now: PageRun): OnScreen {
  const { film, featured } = now.run.page
  const wasRead = before.read.run
  const isAnswer = now.run.page !== wasRead.page
  if (isAnswer && isFinal(now.run.status))
    return isFinal(wasRead.status) ? before.screen : { id: film, isChosen: false }
  if (isAnswer && isAskedAnew(wasRead, now.run)) return { id: featured.artifact, isChosen: false }
  if (before.screen.isChosen) return before.screen
  const earlierIds = new Set(filesOf(before).map((file) => file.id))
  const newest = filesOf(now).findLast((file) => !earlierIds.has(file.id) && !file.isBlocked)
  if (!newest) return before.screen
  // What can be heard only does not take the place of what can be seen.
  const current = fileOf(now, before.screen.id)
  if (newest.kind === 'audio' && current && current.kind !== 'audio') return before.screen
  return { id: newest.id, isChosen: false }
}

function isAskedAnew(before: PageHead, now: PageHead): boolean {
  const [then, next] = [before.page.featured, now.page.featured]
  if (now.status !== 'waiting_for_user') return then.question !== ''
  const isSame = then.artifact === next.artifact && then.question === next.question
  return before.status !== now.status || !isSame
}

/** Everything made so far, in the order of the stages and their items. */
export function filesOf(now: PageRun): Medium[] {
  return makersOf(now).flatMap((step) => step.artifacts)
}

export function fileOf(now: PageRun, id: string | null): Medium | undefined {
  return id === null ? undefined : filesOf(now).find((file) => file.id === id)
}

/** The steps in their order, without batches whose items have made what is theirs. */
export function makersOf({ run, steps }: PageRun): StepState[] {
  const within = (key: string): string[] => [key, ...(run.items?.[key] ?? []).flatMap(within)]
  return run.page.order
    .flatMap(within)
    .flatMap((key) => steps[key] ?? [])
    .filter((step) => !step.counts)
}
