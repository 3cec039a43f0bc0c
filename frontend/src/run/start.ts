/** Starting and stopping: asked of the server once per click, with words for every no. */

import { ApiError, Unreachable } from '../api/http'
import type { Issue } from '../api/schema'
import type { RunPart } from '../document/api'
import { newId } from '../document/ids'
import { act, setMode, toast } from '../editor/actions'
import { api } from '../editor/api'
import { sayAll } from '../editor/calm'
import { goTo } from '../editor/inspected'
import { saveNow } from '../editor/session'
import { BOOT, documentOf, editor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { reroll } from '../graph/edits/fields'
import { plannedKey } from './elements'
import { followNew, readHistory } from './lines'
import { isMyRunOn, isUnfinished, runs, useRun } from './store'

const ONCE_MORE_MS = 800
/** The start that has no answer yet. place: what was asked for; run: the run on the canvas then. */
let openStart: { place: string; key: string; run: string | undefined } | null = null

/** Return the reason that nothing can be started now, or null. */
export function whyNotNow(): string | null {
  if (!editor().template.canEdit) return 'Remix it to run your own.'
  if (runs().busy === 'starting') return 'Starting…'
  if (isMyRunOn(runs())) return 'A run is in progress. Stop it first.'
  if (documentOf(editor()).doc.stages.order.length === 0) return 'Add a stage to run this template.'
  return null
}

/** Return the reason that a run as far as a stage is not possible now, or null. */
export function whyNotTo(stage: string): string | null {
  const isBypassed = stageOf(editor().doc, stage).isBypassed
  return whyNotNow() ?? (isBypassed ? 'This stage is bypassed.' : null)
}

/** Name a run as far as a stage: of what a batch repeats, it makes that of every item. */
export function wordsTo(label: string): string {
  const { inside } = editor()
  if (!inside) return label
  const { run, steps } = runs()
  const { doc, wiring } = inside.around
  const outer = doc.stages.order.find((key) => stageOf(doc, key).id === inside.path[0]?.key)
  const isBatch = (key: string, at: number) =>
    inside.path[at + 1]?.isElement ||
    steps[key]?.kind === 'expand' ||
    (at === 0 && outer !== undefined && wiring.nodes.get(outer)?.repeats)
  const batches = inside.path.filter(({ key }, at) => isBatch(key, at))
  const count = batches.length === 1 ? run?.items?.[batches[0]?.key ?? '']?.length : undefined
  if (batches.length === 0 || count === 1) return label
  return count ? `${label}, in all ${count} items` : `${label}, in every item`
}

/** Start a run of the document as it is on this screen. False: it was not started. */
export async function start(part: Omit<RunPart, 'quality'> = {}): Promise<boolean> {
  if (whyNotNow() !== null) return false
  sayAll()
  useRun.setState({ busy: 'starting' })
  try {
    if (!(await saveNow())) {
      toast(unsavedWords())
      return false
    }
    const to = part.to === undefined ? {} : { to: plannedKey(part.to, editor().inside?.path ?? []) }
    const body = { ...part, ...to, ...runs().quality }
    const place = JSON.stringify(body)
    if (await hasBegun(place)) return false
    // One key until the server's answer: asked again, it starts one run.
    openStart ??= { place, key: newId(), run: runs().run?.id }
    const newRun = await ask({ ...body, key: openStart.key })
    openStart = null
    await followNew(newRun.id)
    setMode('run')
    readHistory().catch(() => undefined)
    return true
  } catch (problem) {
    if (problem instanceof ApiError) openStart = null
    sayWhy(problem, part)
    return false
  } finally {
    useRun.setState({ busy: null })
  }
}

/**
 * Look whether the start that has no answer is under way, where another one is asked for now; if so,
 * show it. Throws Unreachable while that can't be known.
 */
async function hasBegun(place: string): Promise<boolean> {
  const { run } = runs()
  // The line of the document told of it.
  if (run?.isMine && run.id !== openStart?.run) openStart = null
  if (openStart === null || openStart.place === place) return false
  const before = openStart.run
  await readHistory()
  openStart = null
  const newest = runs().history.rows[0]
  if (!newest?.isMine || newest.id === before || !isUnfinished(newest)) return false
  await followNew(newest.id)
  setMode('run')
  toast('Your earlier press started this run.')
  return true
}

/** Give a stage a new seed and run up to it. */
export async function rerollStage(key: string): Promise<boolean> {
  if (whyNotNow() !== null) return false
  // The seed is an edit like any other: it can be undone, and the run before is then reused.
  act(reroll(editor().doc, [key]))
  return start({ to: key })
}

/** Stop the run on the canvas. What is done stays, and so do finished stages. */
export async function stop(): Promise<void> {
  const { run, busy } = runs()
  if (!run?.mayStop || !isUnfinished(run) || busy) return
  useRun.setState({ busy: 'stopping' })
  try {
    await api.cancelRun(run.id)
  } catch {
    useRun.setState({ busy: null })
    toast("Couldn't stop: can't reach the server.", {
      label: 'Retry',
      run: () => void stop(),
    })
  }
}

async function ask(body: RunPart & { key: string }): Promise<{ id: string }> {
  try {
    return await startOnce(body)
  } catch (problem) {
    if (problem instanceof ApiError) throw problem
    // The answer may have been lost on its way back; the same key finds the run that was started.
    await new Promise((resolve) => setTimeout(resolve, ONCE_MORE_MS))
    return startOnce(body)
  }
}

async function startOnce(body: RunPart & { key: string }): Promise<{ id: string }> {
  const answer = await api.startRun(BOOT.templateId, body)
  if (typeof answer.id !== 'string') throw new Unreachable()
  return answer
}

function unsavedWords(): string {
  const { pending, reason } = editor().sync
  if (reason === 'outdated') return 'The server was updated. Reload this page to run.'
  const edits = pending === 1 ? '1 change is' : `${pending} changes are`
  return `You're offline. ${edits} saved on this device. Run when synced.`
}

function sayWhy(problem: unknown, part: Omit<RunPart, 'quality'>): void {
  if (!(problem instanceof ApiError)) {
    toast("Can't reach the server. The run may have started.", {
      label: 'Retry',
      run: () => void start(part),
    })
    return
  }
  if (problem.code === 'template.not_compiled') {
    sayIssue(problem)
    return
  }
  if (problem.code === 'runs.too_many_active') {
    toast(problem.message, { label: 'My runs', run: () => location.assign('/me/runs') })
    return
  }
  toast(problem.message)
}

/** The document does not run: the first reason, and the field it is about. */
function sayIssue(problem: ApiError): void {
  const issues = problem.details.issues as unknown as Issue[] | undefined
  const issue = issues?.[0]
  if (issue) goTo(issue)
  toast(issue?.message ?? problem.message)
}
