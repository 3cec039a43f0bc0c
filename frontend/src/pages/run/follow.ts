/** Follows the run of the page to its end, and says what happens in it. */

import { Http } from '../../api/http'
import type { RunPage, StageView, Turn } from '../../api/schema'
import { RUN_STATUS_WORDS } from '../../api/words'
import { toast } from '../../frame/toasts'
import { announce } from '../../run/shared/announce'
import { Follower } from '../../run/shared/follower'
import type { RunEvent } from '../../run/shared/reduce'
import { isUnfinished } from '../../run/shared/status'
import { AT_START, addToLog, page, put, usePage } from './store'

export const api = new Http()
let follower: Follower | null = null

export function runAddress(name: string): string {
  return `/app/runs/${encodeURIComponent(page().run.id)}/${name}`
}

export function followRun(): void {
  const { run } = page()
  if (!isUnfinished(run)) return
  follower = new Follower(run.id, {
    read: async (_, signal) => {
      const state = await api.call<RunPage>(runAddress('page'), { signal })
      return withKnownViews(state, page().run.page.stages)
    },
    connect: (id, after) => new WebSocket(socketAddress(id, after)),
    show: (followed) => {
      const before = page()
      put(followed)
      sayWhatIsAsked(before.run.page.turns)
    },
    line: (state) => {
      if (state === 'live' && isSuspended()) location.reload()
      if (state !== 'closed') usePage.setState({ line: state === 'live' ? 'live' : 'lost' })
    },
    heard: onEvents,
    ended: () => {
      const { status, page: view } = page().run
      announce([RUN_STATUS_WORDS[status], view.summary].join('. '))
    },
    lost: (why) => {
      if (why === 'signed-out') signIn()
      else toast('You no longer have access to this run.', 'error')
    },
    suspended: () => {
      // The page as the server draws it says until when.
      if (!isSuspended()) location.reload()
      usePage.setState({ line: 'held' })
    },
  })
  follower.start(AT_START)
  addEventListener('pagehide', () => follower?.hangUp())
}

/** Answers say the same of most steps each time: what is equal stays the same object. */
function withKnownViews(state: RunPage, known: Readonly<Record<string, StageView>>): RunPage {
  const stages = Object.entries(state.page.stages).map(([key, view]) => {
    const before = known[key]
    return [key, before && JSON.stringify(before) === JSON.stringify(view) ? before : view] as const
  })
  return { ...state, page: { ...state.page, stages: Object.fromEntries(stages) } }
}

/** Something was done to the run from here: how does it go on? */
export function refresh(): void {
  follower?.refresh()
}

function onEvents(events: readonly RunEvent[]): void {
  addToLog(events.map(({ sequence, message, createdAt }) => ({ sequence, message, at: createdAt })))
  const news = events.findLast((event) => event.event !== 'step_progress')
  // Of a failure, what the server made of its cause.
  if (news) announce(news.data.error?.headline ?? news.message)
}

function sayWhatIsAsked(before: readonly Turn[]): void {
  const earlierIds = new Set(before.map((turn) => turn.id))
  const newTurn = page().run.page.turns.find((turn) => !earlierIds.has(turn.id))
  if (newTurn) announce(`Your turn. ${newTurn.heading}`)
}

export function signIn(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
}

function isSuspended(): boolean {
  return document.getElementById('suspended') !== null
}

function socketAddress(runId: string, after: number): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/ws/runs/${encodeURIComponent(runId)}?after=${after}`
}
