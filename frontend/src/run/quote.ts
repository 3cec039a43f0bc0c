/** Keeps the quote beside Run true: asked again a moment after the server has what was changed. */

import { ApiError } from '../api/http'
import type { Issue, StepQuote } from '../api/schema'
import { api } from '../editor/api'
import { BOOT, documentOf, editor, useEditor } from '../editor/store'
import { isUnfinished, runs, useRun } from './store'

const AFTER_MS = 400
const AGAIN_MS = 5_000

let timer: ReturnType<typeof setTimeout> | undefined
let asking: AbortController | null = null

/** The prefix of the key on this device that says that runs of a template are drafts. */
const DRAFTS = 'reelgraph.drafts.'

/** Run as drafts from now on, or as the stages say. */
export function setDraftQuality(on: boolean): void {
  useRun.setState({ quality: on ? { quality: 'draft' } : {} })
  askSoon(0)
  try {
    if (on) localStorage.setItem(DRAFTS + BOOT.templateId, 'on')
    else localStorage.removeItem(DRAFTS + BOOT.templateId)
  } catch {
    // A full or forbidden storage: the next visit begins without drafts, and its quote says so.
  }
}

function keepsDrafts(): boolean {
  try {
    return localStorage.getItem(DRAFTS + BOOT.templateId) === 'on'
  } catch {
    return false
  }
}

/** From now on, until the page is left. */
export function keepQuote(): void {
  if (keepsDrafts()) useRun.setState({ quality: { quality: 'draft' } })
  let { rev, sync } = editor()
  let { doc } = documentOf(editor())
  useEditor.subscribe((state) => {
    if (state.phase !== 'open') return
    const now = documentOf(state).doc
    const isChanged = now !== doc
    const isSaved = state.sync.pending === 0
    const hasNews = isChanged || state.rev !== rev || isSaved !== (sync.pending === 0)
    doc = now
    rev = state.rev
    sync = state.sync
    if (isChanged && runs().quoteState !== 'stale') {
      asking?.abort()
      useRun.setState({ quoteState: 'stale' })
    }
    if (hasNews && isSaved) askSoon()
  })
  let { run } = runs()
  useRun.subscribe((state) => {
    const before = run
    run = state.run
    // What a run made can be reused from its end on.
    if (isUnfinished(before) && !isUnfinished(run)) askSoon()
  })
}

/** Ask when nothing else is changed for a moment. */
export function askSoon(after = AFTER_MS): void {
  if (!editor().template.canEdit) return
  clearTimeout(timer)
  timer = setTimeout(() => void ask(), after)
}

async function ask(): Promise<void> {
  asking?.abort()
  const mine = new AbortController()
  asking = mine
  useRun.setState({ quoteState: 'asking' })
  try {
    const quote = await api.quote(BOOT.templateId, runs().quality, { signal: mine.signal })
    if (asking !== mine || mine.signal.aborted) return
    const before = runs().quoteOf
    const quoteOf: Record<string, StepQuote> = {}
    for (const step of quote.steps) {
      const earlier = before[step.key]
      quoteOf[step.key] = earlier && same(earlier, step) ? earlier : step
    }
    useRun.setState({ quote, quoteOf, quoteState: 'fresh', quoteProblem: '' })
  } catch (error) {
    if (asking !== mine || mine.signal.aborted) return
    const isOurs = error instanceof ApiError
    useRun.setState({
      quoteState: 'failed',
      quoteProblem: isOurs ? error.message : "Cost unknown: can't reach the server",
    })
    if (!isOurs || error.status >= 500 || error.status === 429) askSoon(AGAIN_MS)
  }
}

function same(one: StepQuote, other: StepQuote): boolean {
  return (
    one.will === other.will &&
    one.why === other.why &&
    one.units === other.units &&
    one.seconds === other.seconds
  )
}

/** The first error that is against a run. What is not filled in is said in other words. */
export function firstError(found: readonly Issue[]): Issue | undefined {
  return found.find((issue) => issue.severity === 'error' && issue.code !== 'missing_input')
}
