/**
 * The state of a run's page: the run as its last answer and its log have it, and the large file.
 */

import { flushSync } from 'react-dom'
import { create } from 'zustand'
import type { LogLine, RunPage } from '../../api/schema'
import { type Followed, fromState } from '../../run/shared/reduce'
import { isFinal } from '../../run/shared/status'
import type { OnScreen, PageHead, PageRun } from './pageRun'
import { nextOnScreen } from './screen'

/** `held`: the account is suspended. */
export type Line = 'live' | 'lost' | 'held'

export interface PageStore extends PageRun {
  /** As the last answer had them: what it says beyond them holds as long as they are the same. */
  read: PageRun
  /** Newest first. */
  log: readonly LogLine[]
  screen: OnScreen
  line: Line
}

const LOG_LINES = 200

/** The state that came with the page. */
export const AT_START = JSON.parse(
  document.getElementById('run-state')?.textContent ?? '',
) as RunPage

export const usePage = create<PageStore>(() => initial(AT_START))

/** The state now, for event handlers. Components use `usePage(selector)`. */
export const page = usePage.getState

export function initial(state: RunPage): PageStore {
  const pageRun = withPage(fromState(state))
  const { film, featured, log } = state.page
  return {
    ...pageRun,
    read: pageRun,
    log,
    screen: { id: film ?? featured.artifact, isChosen: false },
    line: 'live',
  }
}

/** The page's answers have their view with them, which the reducer hands on. */
export function withPage(followed: Followed): PageRun {
  return { run: followed.run as PageHead, steps: followed.steps }
}

/** The run as it is by now, of an answer or of its log. */
export function put(followed: Followed): void {
  usePage.setState((before) => {
    const now = withPage(followed)
    const isAnswer = now.run.page !== before.read.run.page
    return {
      ...now,
      read: isAnswer ? now : before.read,
      log: isAnswer ? joinLogs(before.log, now.run.page.log) : before.log,
      screen: nextOnScreen(before, now),
    }
  })
}

export function addToLog(lines: readonly LogLine[]): void {
  usePage.setState(({ log }) => ({ log: joinLogs(lines.toReversed(), log) }))
}

/** Lines of two readings of one log, newest first, each once. */
export function joinLogs(one: readonly LogLine[], other: readonly LogLine[]): readonly LogLine[] {
  const bySequence = new Map([...one, ...other].map((line) => [line.sequence, line]))
  return [...bySequence.values()].sort((a, b) => b.sequence - a.sequence).slice(0, LOG_LINES)
}

/** The run is over, and the last answer says how it ended. */
export function isOver({ read }: Pick<PageStore, 'read'>): boolean {
  return isFinal(read.run.status)
}

/** Count the stages that are done; items count with their batch. */
export function doneCount({ run, steps }: Pick<PageStore, 'run' | 'steps'>): number {
  return run.page.order.filter((key) => steps[key]?.status === 'completed').length
}

/** Credits used: what the last answer says, and what was done since. */
export function unitsUsed({ run, steps, read }: PageStore): number {
  let units = run.units
  for (const step of Object.values(steps)) {
    if (step.status !== 'completed' || step.counts || step.reusedFrom) continue
    if (read.steps[step.key]?.status !== 'completed') units += run.page.stages[step.key]?.units ?? 0
  }
  return Math.round(units * 1_000) / 1_000
}

/** A person wants to see this file large. */
export function chooseFile(id: string): void {
  // What is pinned to a file looks for it at once.
  flushSync(() => usePage.setState({ screen: { id, isChosen: true } }))
}
