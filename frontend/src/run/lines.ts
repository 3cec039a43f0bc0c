/** The run on the canvas: which one it is, how it comes there, and what older ones made. */

import type { RunState } from '../api/schema'
import { say, setMode, toast } from '../editor/actions'
import { api } from '../editor/api'
import { BOOT, documentOf, editor, useEditor } from '../editor/store'
import { announce, announceNow } from './shared/announce'
import { Follower } from './shared/follower'
import { type Followed, fromState } from './shared/reduce'
import type { StepState } from './shared/stepState'
import { isUnfinished, runs, type StageResult, useRun } from './store'
import { endWords, whoseResult } from './words'

/** The number of older runs that are asked for what the newest one left out. */
const OLDER_RUNS = 4
/** Milliseconds that a stage counts as just finished: as long as lighting up takes. */
const LIT_MS = 1_400

let follower: Follower | null = null
/** Runs with the results of stages, newest first: filled as runs are read. */
let older: RunState[] = []

/** On opening the editor: the newest run of this template, live when it goes on. */
export async function openRuns(): Promise<void> {
  if (!BOOT.role) return
  try {
    await readHistory()
    const newest = runs().history.rows[0]
    // Someone may have pressed Run while the list was on its way.
    if (!newest || runs().run) return
    await put(newest.id)
    if (isUnfinished(runs().run)) setMode('run')
    await fillFromOlder()
  } catch {
    useRun.setState((state) => ({ history: { ...state.history, state: 'failed' } }))
  }
}

/** Read the list of runs again, or what comes after it. */
export async function readHistory(more = false): Promise<void> {
  const { history } = runs()
  if (history.state === 'reading' || (more && !history.next)) return
  useRun.setState({ history: { ...history, state: 'reading' } })
  try {
    const page = await api.runs(BOOT.templateId, more ? history.next : null)
    const rows = more ? [...history.rows, ...page.runs] : page.runs
    useRun.setState({ history: { rows, next: page.next, state: 'read' } })
  } catch (error) {
    useRun.setState({ history: { ...history, state: 'failed' } })
    throw error
  }
}

/** Show a run on the canvas, and follow it as long as it goes on. */
export async function put(runId: string): Promise<void> {
  const state = await api.runState(runId)
  const newest = runs().history.rows[0]
  follow(runId, state)
  useRun.setState({ isEarlier: newest !== undefined && newest.id !== runId })
}

/** A run was started just now: it stands on the canvas, and its end is news. */
export async function followNew(runId: string): Promise<void> {
  const state = await api.runState(runId).catch(() => undefined)
  follow(runId, state)
  isNews = true
  if (state && !isUnfinished(state)) tellEnd()
}

/** Someone started a run of the draft: the canvas shows it, unless I look at another one. */
export async function showBegun(runId: string): Promise<void> {
  if (runs().busy === 'starting' || runs().run?.id === runId) return
  try {
    const state = await api.runState(runId)
    readHistory().catch(() => undefined)
    const { busy, run, isEarlier } = runs()
    if (busy === 'starting' || run?.id === runId) return
    const words = state.isMine ? 'You started a run.' : `${state.by.name} started a run.`
    if (isUnfinished(run) || isEarlier || editor().mode === 'compare') {
      toast(words, { label: 'Show', run: () => void look(runId) })
      return
    }
    follow(runId, state)
    if (!editor().template.canEdit) setMode('run')
    announceNow(words)
  } catch {
    // It is in the list of runs, which is read again when someone opens it.
  }
}

/** After a pause of the document's socket: what began during it was not told. */
export function lookForRuns(): void {
  const { history } = runs()
  if (history.state !== 'read') return
  readHistory()
    .then(() => {
      const newest = runs().history.rows[0]
      if (newest && newest.id !== history.rows[0]?.id) void showBegun(newest.id)
    })
    .catch(() => undefined)
}

/** The template is not mine to see any more. */
export function endRuns(): void {
  follower?.stop()
  follower = null
}

/** Ask at once how the run on the canvas is: something was just done to it. */
export function refresh(): void {
  const { run } = runs()
  if (follower?.isOver && run) void put(run.id).catch(() => undefined)
  else follower?.refresh()
}

function follow(runId: string, state?: RunState): void {
  follower?.stop()
  const { run, steps } = runs()
  if (run && run.id !== runId && !isUnfinished(run))
    remember({ ...run, steps: Object.values(steps) })
  useRun.setState({ highlighted: new Set(), isEarlier: false })
  const mine = new Follower(runId, {
    read: (id, signal) => api.runState(id, { signal }),
    connect: (id, after) => new WebSocket(socketAddress(id, after)),
    show: (followed, done) => {
      if (follower === mine) show(followed, done)
    },
    line: (connection) => {
      if (follower === mine && runs().connection !== connection) useRun.setState({ connection })
    },
    ended: (followed) => {
      if (follower === mine) onEnd(followed)
    },
    lost: (why) => {
      if (why === 'signed-out') {
        toast("You're signed out. The run continues.", {
          label: 'Sign in',
          run: () => location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`),
        })
      } else toast('You no longer have access to this run.')
    },
  })
  follower = mine
  isNews = isUnfinished(state ?? null)
  mine.start(state)
}

/** True if the end of the run on the canvas is news to the viewer. */
let isNews = false

function socketAddress(runId: string, after: number): string {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return `${scheme}://${location.host}/ws/runs/${encodeURIComponent(runId)}?after=${after}`
}

function show(followed: Followed, done: readonly string[]): void {
  const before = runs()
  const results = resultsOf(followed, before.results)
  const finishedKeys = done.filter((key) => !followed.steps[key]?.reusedFrom)
  const highlightedKeys =
    finishedKeys.length > 0 ? new Set([...before.highlighted, ...finishedKeys]) : before.highlighted
  useRun.setState({
    run: followed.run,
    steps: followed.steps,
    results,
    highlighted: highlightedKeys,
  })
  if (finishedKeys.length > 0)
    setTimeout(() => {
      const remaining = [...runs().highlighted].filter((key) => !finishedKeys.includes(key))
      useRun.setState({ highlighted: new Set(remaining) })
    }, LIT_MS)
  if (isNews && before.run?.id === followed.run.id) announceSteps(before.steps, followed.steps)
}

function announceSteps(
  before: Readonly<Record<string, StepState>>,
  after: Readonly<Record<string, StepState>>,
): void {
  if (before === after) return
  const changes = Object.values(after).filter(
    (step) => !step.parent && before[step.key]?.status !== step.status,
  )
  const newest = changes.findLast((step) => step.status === 'failed') ?? changes.at(-1)
  if (!newest) return
  const { title, status } = newest
  if (newest.kind === 'gate') {
    if (status === 'waiting') announce(`${title}: check and approve.`)
  } else if (status === 'running') announce(`${title} started.`)
  else if (status === 'completed') announce(`${title} ${newest.reusedFrom ? 'reused' : 'done'}.`)
  else if (status === 'failed') announce(`${title} failed. ${newest.error?.headline ?? ''}`)
  else if (status === 'waiting')
    announce(newest.asks ? `${title}: waiting for ${newest.asks}.` : `${title}: your turn.`)
}

function onEnd(followed: Followed): void {
  useRun.setState(({ busy }) => ({ busy: busy === 'stopping' ? null : busy }))
  if (isNews && followed.run.id === runs().run?.id) tellEnd()
}

function tellEnd(): void {
  const { run, steps } = runs()
  if (!run) return
  isNews = false
  announceNow(endWords(run, steps))
  readHistory().catch(() => undefined)
}

/** Results as they stand on the canvas: of the run shown, else the newest older one. */
function resultsOf(
  followed: Followed,
  before: Readonly<Record<string, StageResult>>,
): Readonly<Record<string, StageResult>> {
  let results: Record<string, StageResult> | null = null
  for (const step of Object.values(followed.steps)) {
    if (step.status !== 'completed') continue
    const earlier = before[step.key]
    if (earlier?.runId === followed.run.id && earlier.step === step) continue
    results ??= { ...before }
    results[step.key] = resultOf(followed.run, step)
  }
  return results ?? before
}

function resultOf(run: Pick<RunState, 'id' | 'isMine' | 'by'>, step: StepState): StageResult {
  const at = step.finishedAt ?? ''
  const { id: runId, isMine } = run
  return { runId, isMine, whose: whoseResult(run, step), at, step, media: step.artifacts }
}

function remember(state: RunState): void {
  older = [state, ...older.filter((other) => other.id !== state.id)]
}

/** Stages that the run on the canvas left out show what they made before. */
async function fillFromOlder(): Promise<void> {
  const currentId = runs().run?.id
  const rows = runs().history.rows.filter((row) => row.id !== currentId && !isUnfinished(row))
  for (const row of rows.slice(0, OLDER_RUNS)) {
    const missing = documentOf(editor()).doc.stages.order.filter((key) => !runs().results[key])
    if (editor().phase === 'open' && missing.length === 0) return
    const state = older.find((known) => known.id === row.id) ?? (await api.runState(row.id))
    remember(state)
    const results = { ...runs().results }
    for (const step of state.steps)
      if (step.status === 'completed' && !results[step.key])
        results[step.key] = resultOf(state, step)
    useRun.setState({ results })
  }
}

/** Look at a run of the list. Its results stand on the canvas, those of others where it has none. */
export async function look(runId: string): Promise<void> {
  try {
    const state = await api.runState(runId)
    useRun.setState({ results: {} })
    follow(runId, state)
    const newest = runs().history.rows[0]
    const isEarlier = newest !== undefined && newest.id !== runId
    useRun.setState({ isEarlier, isHistoryOpen: false })
    setMode('run')
    say(isEarlier ? 'Showing an earlier run.' : 'Showing the latest run.')
    await fillFromOlder()
  } catch {
    toast("Couldn't load that run. Try again.")
  }
}

/** Anyone who changes something after a run wants to know what it costs now: Run gives way to Edit. */
export function editAfterRun(): void {
  let { pending } = editor().sync
  useEditor.subscribe(({ sync, mode }) => {
    const isMine = sync.pending > pending
    pending = sync.pending
    if (isMine && mode === 'run' && !isUnfinished(runs().run)) setMode('edit')
  })
}

/** The steps of a run by its id, from what was read already or from the server. */
export async function stepsOf(runId: string): Promise<Followed> {
  const cachedState = older.find((state) => state.id === runId)
  const state = cachedState ?? (await api.runState(runId))
  if (!isUnfinished(state)) remember(state)
  return fromState(state)
}
