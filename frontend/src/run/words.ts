/** The words for a stage and a run: the same on canvas, outline, timeline and inspector. */

import type { Medium, Quote, RunStatus, StepQuote, Wait } from '../api/schema'
import { RUN_STATUS_WORDS } from '../api/words'
import { itemTitle } from '../graph/flow'
import { clean, KIND_WORDS, listed } from '../graph/words'
import { countWords, gateOf, isStage } from './shared/batches'
import { unitWords } from './shared/credits'
import type { RunHead } from './shared/runHead'
import type { StepState } from './shared/stepState'
import { about, between, lasting } from './shared/time'

/** The glyph that a part draws beside the words. */
export type Glyph = 'clock' | 'check' | 'slash' | 'square' | 'cross' | 'recycle' | 'hand' | 'dot'

export interface StageWords {
  /** Class of the node: `is-running`, `is-failed`, `will-run` …; "" when it rests. */
  ring: string
  /** Text of the pill; "" where a glyph alone is. */
  pill: string
  /** Class of the pill. */
  tone: '' | 'pill-live' | 'pill-wait' | 'pill-bad' | 'pill-reused' | 'will'
  glyph: Glyph | null
  /** One line under the title; "" leaves it to the one who knows the tool. */
  meta: string
  /** Words for the node's name: "running, 62 percent". */
  said: string
}

export interface Around {
  /** Titles of the stages it takes from that are not done. */
  waitsFor?: readonly string[]
  /** A run goes on: then its words count, not the quote's. */
  isRunning?: boolean
  /** The viewer edits: then what Run would do comes before what was. */
  isEditing?: boolean
  /** The media it made last, in the run on the canvas or before. */
  media?: readonly Medium[]
}

const RESTING: StageWords = { ring: '', pill: '', tone: '', glyph: null, meta: '', said: '' }
/** The end of the key of a checkpoint's step. */
const GATE = gateOf('')
const REUSED = 'Same inputs as an earlier run, so it costs nothing'
const FAILED_LAST_TIME = 'Failed last time'

/** Return the words for a stage. */
export function statusWords(
  step: StepState | undefined,
  quote: StepQuote | undefined,
  around: Around = {},
): StageWords {
  const { isRunning = false, isEditing = false, media = [] } = around
  if (isRunning && step) return stepWords(step, around)
  if (isEditing && quote?.will === 'run') {
    if (step && isStillFailed(step, quote)) return stepWords(step, around)
    return {
      ...RESTING,
      ring: 'will-run',
      pill: 'Will run',
      tone: 'will',
      meta: quote.why,
      said: `will run: ${quote.why}`,
    }
  }
  if (isEditing && quote?.will === 'reuse') return doneWords(media, null)
  if (step) return stepWords(step, around)
  if (media.length > 0) return doneWords(media, null)
  return { ...RESTING, meta: 'Not run yet', said: 'not run yet' }
}

/** Nothing has changed since it failed: why it failed says more than that it will run. */
export function isStillFailed(step: StepState | undefined, quote: StepQuote | undefined): boolean {
  return step?.status === 'failed' && (!quote || quote.why === FAILED_LAST_TIME)
}

/** Return the words for a stage of a run, whatever the draft is by now. */
export function stepWords(step: StepState, around: Around = {}): StageWords {
  const { waitsFor = [], media = step.artifacts } = around
  switch (step.status) {
    case 'pending':
    case 'ready': {
      const waits = waitWords(waitsFor)
      const meta = step.status === 'ready' && step.message ? step.message : waits
      return { ...RESTING, ring: 'is-queued', glyph: 'clock', meta, said: `queued. ${meta}` }
    }
    case 'running': {
      const percent = Math.round(100 * step.progress)
      const nth = tries(step)
      return {
        ring: 'is-running',
        pill: percent > 0 ? `${percent}%` : 'Running',
        tone: 'pill-live',
        glyph: 'dot',
        meta: step.message || (nth > 1 ? `Attempt ${nth}` : 'Working'),
        said: [
          'running',
          percent > 0 && `${percent} percent`,
          // Of what holds stages: "3 of 5 · Still".
          step.atWork && step.message,
        ]
          .filter(Boolean)
          .join(', '),
      }
    }
    case 'waiting':
      return {
        ring: 'is-waiting',
        pill: step.asks ? `Waiting for ${step.asks}` : 'Your turn',
        tone: step.asks ? '' : 'pill-wait',
        glyph: 'hand',
        meta: step.message || 'Other stages keep running',
        said: step.asks ? `waiting for ${step.asks}` : 'your turn',
      }
    case 'completed':
      return doneWords(media, step)
    case 'failed': {
      const nth = tries(step)
      return {
        ring: 'is-failed',
        pill: 'Failed',
        tone: 'pill-bad',
        glyph: 'cross',
        meta: step.counts
          ? countWords(step.counts)
          : nth > 1
            ? `Attempt ${nth} failed`
            : 'First attempt failed',
        said: `failed. ${step.error?.headline ?? ''}`.trim(),
      }
    }
    case 'skipped': {
      const meta = step.message || 'Skipped'
      return { ...RESTING, ring: 'is-skip', glyph: 'slash', meta, said: `skipped. ${meta}` }
    }
    case 'cancelled':
      return { ...RESTING, ring: 'is-skip', glyph: 'square', meta: 'Stopped', said: 'stopped' }
  }
}

function doneWords(media: readonly Medium[], step: StepState | null): StageWords {
  const facts = factsOf(media, step)
  if (step?.reusedFrom)
    return {
      ring: 'is-reused',
      pill: 'Reused',
      tone: 'pill-reused',
      glyph: 'recycle',
      meta: facts || REUSED,
      said: `reused. ${REUSED}`,
    }
  const took = step?.startedAt ? between(step.startedAt, step.finishedAt, Date.now()) : null
  const meta = [facts, took === null ? '' : `took ${lasting(took)}`].filter(Boolean).join(', ')
  return { ...RESTING, glyph: 'check', meta: meta || 'Done', said: 'done' }
}

/** Describe its media in a few words; of a batch their number, when not all came out. */
export function factsOf(media: readonly Medium[], step: StepState | null | undefined): string {
  if (step?.counts && (step.counts.failed > 0 || media.length === 0)) return countWords(step.counts)
  return mediaWords(media) || clean(step?.answer ?? '', 60)
}

/** "Alice’s result"; "" of one's own, and of what her run only took over. */
export function whoseResult(
  { isMine, by }: Pick<RunHead, 'isMine' | 'by'>,
  { reusedFrom }: Pick<StepState, 'reusedFrom'>,
): string {
  return isMine || reusedFrom ? '' : `${by.name}’s result`
}

/** titles: of the stages it takes from that are not done. */
export function waitWords(titles: readonly string[]): string {
  return titles.length > 0 ? `Waiting for ${listed(titles)}` : 'Up next'
}

/** The sentence behind "Reused", for tooltips and the inspector. */
export function reusedWords(): string {
  return REUSED
}

/** "4 images", "1920 × 1080, 5 s", "0:21". */
export function mediaWords(media: readonly Medium[]): string {
  const first = media[0]
  if (!first) return ''
  if (media.length > 1) {
    const isOneKind = media.every((medium) => medium.kind === first.kind)
    return `${media.length} ${isOneKind ? PLURALS[first.kind] : 'results'}`
  }
  const size = first.width && first.height ? `${first.width} × ${first.height}` : ''
  const length = first.duration ? lasting(first.duration) : ''
  return [size, length].filter(Boolean).join(', ') || KIND_WORDS[first.kind]
}

const PLURALS: Readonly<Record<Medium['kind'], string>> = {
  image: 'images',
  video: 'videos',
  audio: 'audio files',
  model: '3D models',
}

/** Tries at a step that came to an end of their own, and the one that goes on. */
export function tries(step: StepState): number {
  const attempts = step.attempts.filter((attempt) => !GIVEN_BACK.includes(attempt.outcome))
  return Math.max(1, attempts.length)
}

const GIVEN_BACK: readonly string[] = ['lost', 'returned', 'cancelled', 'stopped']

/** Return the label of a waiting stage's button. */
export function askWords(wait: Wait | undefined): string {
  switch (wait?.type) {
    case 'pick': {
      const { min, max, candidates } = wait
      const count = min === max ? String(max) : `${min}–${Math.min(max, candidates.length)}`
      return `Choose ${count} of ${candidates.length}`
    }
    case 'checkpoint':
      return 'Check and approve'
    case 'cost':
      return wait.units === null ? 'Approve cost' : `Approve ${unitWords(wait.units)}`
    case 'go-on':
    case 'credit':
      return 'Decide'
    default:
      return 'Answer'
  }
}

/** "3 Red fox: failed. The provider refuses." */
export function itemWords(item: StepState): string {
  return `${itemTitle(item.label ?? '', item.index ?? 0)}: ${stepWords(item).said}`
}

// -- A run ----------------------------------------------------------------------------------------

export interface RunWords {
  pill: string
  tone: '' | 'pill-live' | 'pill-wait' | 'pill-bad'
}

const TONES: Partial<Readonly<Record<RunStatus, RunWords['tone']>>> = {
  running: 'pill-live',
  waiting_for_user: 'pill-wait',
  partial_failure: 'pill-bad',
  failed: 'pill-bad',
}

export function runWords({
  status,
  isMine,
  by,
}: Pick<RunHead, 'status' | 'isMine' | 'by'>): RunWords {
  if (status === 'waiting_for_user' && !isMine) return { pill: `Waiting for ${by.name}`, tone: '' }
  return { pill: RUN_STATUS_WORDS[status], tone: TONES[status] ?? '' }
}

/** Count the stages of the run that are done, made or taken over. */
export function countDone(steps: Readonly<Record<string, StepState>>): number {
  return Object.values(steps).filter((step) => isStage(step) && step.status === 'completed').length
}

/** Return the sentence for the end of a run. */
export function endWords(run: RunHead, steps: Readonly<Record<string, StepState>>): string {
  const all = Object.values(steps).filter(isStage)
  const doneCount = countDone(steps)
  const reusedCount = all.filter((step) => step.status === 'completed' && step.reusedFrom).length
  const cost = run.units > 0 ? `${unitWords(run.units)} used` : 'free'
  const took = run.finishedAt ? `, ${lasting(between(run.createdAt, run.finishedAt, 0))}` : ''
  switch (run.status) {
    case 'completed': {
      const reuseWords = reusedCount > 0 ? `, ${reusedCount} reused` : ''
      return `Done: ${stageWords(all.length)}${took}, ${cost}${reuseWords}.`
    }
    case 'cancelled':
      return `Stopped after ${doneCount} of ${all.length}. ${sentence(cost)}; finished stages are kept.`
    case 'failed':
    case 'partial_failure': {
      const failures = all.filter((step) => step.status === 'failed').map((step) => step.title)
      const partly = all.find((step) => step.status === 'completed' && step.counts?.failed)
      if (failures.length === 0 && partly?.counts)
        return `Done with errors: ${partly.title} made ${countWords(partly.counts)}.`
      return `${listed(failures) || 'The run'} failed. ${doneCount} of ${all.length} stages finished and are kept.`
    }
    default:
      return runWords(run).pill
  }
}

// -- What Run would take --------------------------------------------------------------------------

export interface QuoteWords {
  /** `Run` starts nothing as it is. */
  isBlocked: boolean
  /** Marked parts are the figures that count. */
  parts: readonly { text: string; isStrong?: boolean }[]
}

/**
 * The sentence beside Run. missing: titles of required inputs without a value; problem: the first
 * error that is against a run, in words; asks: how often the run will wait for someone; isShared:
 * the template is someone else's, so that it is worth saying who pays.
 */
export function quoteWords(
  quote: Quote,
  missing: readonly string[],
  problem: string | null,
  asks = 0,
  isShared = false,
): QuoteWords {
  if (problem !== null) return blockWords(problem)
  if (!quote.isComplete && missing.length > 0) return blockWords(`Fill in ${listed(missing)}`)
  const steps = quote.steps.filter((step) => !step.key.endsWith(GATE))
  const total = steps.length
  if (total === 0) return blockWords('Add a stage to run')
  const willRun = steps.filter((step) => step.will === 'run').length
  const reusedCount = total - willRun
  if (willRun === 0) {
    const text = `Nothing changed. ${total === 1 ? 'The stage is' : `All ${total} stages are`} reused, free.`
    return { isBlocked: false, parts: [{ text }] }
  }
  const parts = [
    { text: reusedCount > 0 ? `${willRun} of ${total}` : `${willRun}`, isStrong: true },
    { text: ` ${total === 1 ? 'stage' : 'stages'} will run, ` },
  ]
  if (quote.seconds !== null && quote.seconds > 0) parts.push({ text: `${about(quote.seconds)}, ` })
  const cost = unitWords(quote.units, isShared ? 'of your credits' : undefined)
  parts.push({ text: quote.units > 0 ? cost : 'free', isStrong: true })
  if (reusedCount > 0) parts.push({ text: `; ${reusedCount} reused` })
  const more = moreWords(steps, asks)
  if (more) parts.push({ text: `; ${more}` })
  if (quote.unfiltered) parts.push({ text: `. ${quote.unfiltered}` })
  return { isBlocked: false, parts }
}

/** "12 items expected, asks you 1 question". */
function moreWords(steps: readonly StepQuote[], asks: number): string {
  const items = steps.reduce((sum, { will, items }) => sum + (will === 'run' ? (items ?? 0) : 0), 0)
  const words = []
  if (items > 0) words.push(items === 1 ? '1 item expected' : `${items} items expected`)
  if (asks > 0) words.push(`asks you ${asks === 1 ? '1 question' : `${asks} questions`}`)
  return words.join(', ')
}

/** "Shot 1: Prompt is required."; a sentence that names its stage stays as it is. */
export function problemWords(sentence: string, stage?: string): string {
  return stage === undefined || sentence.includes(stage) ? sentence : `${stage}: ${sentence}`
}

function blockWords(text: string): QuoteWords {
  return { isBlocked: true, parts: [{ text }] }
}

export function plainWords(words: QuoteWords): string {
  return words.parts.map((part) => part.text).join('')
}

function stageWords(count: number): string {
  return count === 1 ? '1 stage' : `${count} stages`
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
