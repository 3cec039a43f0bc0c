/** A node's state in the runs: one reading for the node, its card far away and the minimap. */

import type { Medium, StepQuote, Wait } from '../api/schema'
import { type EditorState, editor, useEditor } from '../editor/store'
import { tiesOf } from '../graph/flow'
import type { WiringNode } from '../graph/wiring'
import type { StepState } from '../run/shared/stepState'
import {
  isUnfinished,
  type RunStore,
  runs,
  type StageResult,
  stepShown,
  useRun,
  useStageResult,
  useStep,
  useStepQuote,
  useWait,
} from '../run/store'
import { factsOf, isStillFailed, mediaWords, stepWords, waitWords } from '../run/words'

export type Look =
  | 'idle'
  | 'queued'
  | 'running'
  | 'done'
  | 'reused'
  | 'turn'
  | 'failed'
  | 'skipped'
  | 'cancelled'
  | 'will'

const LOOKS: Readonly<Record<StepState['status'], Look>> = {
  pending: 'queued',
  ready: 'queued',
  running: 'running',
  waiting: 'turn',
  completed: 'done',
  failed: 'failed',
  skipped: 'skipped',
  cancelled: 'cancelled',
}

/** Return true if nodes show the run: while it goes on, and whenever people look at runs. */
export function showsRun(state: { mode: EditorState['mode'] }, run: RunStore['run']): boolean {
  return run !== null && (state.mode === 'run' || isUnfinished(run))
}

export function lookOf(id: string): Look {
  const { run, steps, quoteOf, results } = runs()
  const isBypassed = editor().wiring.nodes.get(id)?.isBypassed ?? false
  return look(showsRun(editor(), run), isBypassed, stepShown(steps, id), quoteOf[id], results[id])
}

function look(
  isRun: boolean,
  isBypassed: boolean,
  step: StepState | undefined,
  quote: StepQuote | undefined,
  result: StageResult | undefined,
): Look {
  if (isRun) {
    if (!step) return 'idle'
    return step.status === 'completed' && step.reusedFrom ? 'reused' : LOOKS[step.status]
  }
  // What an earlier run says of it is no news: the next one leaves it out.
  if (isBypassed) return 'idle'
  if (isStillFailed(step, quote)) return 'failed'
  // What never ran will run: that is no news.
  return quote?.will === 'run' && (result || step) ? 'will' : 'idle'
}

export interface NodeState {
  readonly look: Look
  readonly step: StepState | undefined
  readonly quote: StepQuote | undefined
  readonly media: readonly Medium[]
  /** The person whose earlier run made the media; "" for one's own. */
  readonly whose: string
  /** The question that it asks, as far as it is known. */
  readonly wait: Wait | undefined
}

const NONE: readonly Medium[] = []

/** All of a node's state. Re-renders when this stage changes, and on nothing else of the run. */
export function useNodeState(id: string): NodeState {
  const step = useStep(id)
  const quote = useStepQuote(id)
  const result = useStageResult(id)
  const wait = useWait(id)
  const mode = useEditor((state) => state.mode)
  const isRun = useRun((state) => showsRun({ mode }, state.run))
  const isBypassed = useEditor((state) => state.wiring.nodes.get(id)?.isBypassed ?? false)
  return {
    look: look(isRun, isBypassed, step, quote, result),
    step,
    quote,
    media: isRun && wait?.type === 'pick' ? wait.candidates : shownMedia(isRun, step, result),
    whose: isRun ? '' : (result?.whose ?? ''),
    wait: isRun ? wait : undefined,
  }
}

/** The media that a card shows. */
export function mediaOf(id: string): readonly Medium[] {
  const { run, steps, results } = runs()
  const step = steps[id]
  return shownMedia(showsRun(editor(), run), step, results[id])
}

/** While a stage runs and has nothing yet, what it made last is there. */
function shownMedia(
  isRun: boolean,
  step: StepState | undefined,
  result: StageResult | undefined,
): readonly Medium[] {
  if (!isRun || !step) return result?.media ?? NONE
  if (step.artifacts.length > 0 || step.status !== 'running') return step.artifacts
  return result?.media ?? NONE
}

/** "Shots, stage 6 of 8, running, 62 percent". */
export function nameFor(title: string, at: number, of: number, state: NodeState): string {
  const { look: is, step, quote } = state
  const parts = [title, `stage ${at} of ${of}`]
  if (is === 'will') parts.push(quote?.why ? `will run: ${quote.why}` : 'will run')
  else if (is !== 'idle' && step) parts.push(stepWords(step).said)
  return parts.join(', ')
}

export function percent(progress: number): number {
  return Math.round(Math.min(Math.max(progress, 0), 1) * 100)
}

/** "Waits for Shots and Score". */
export function waitsFor(id: string): string {
  const { doc, wiring } = editor()
  const { steps } = runs()
  const sources = [
    ...(wiring.into.get(id) ?? []).map((wire) => wire.source),
    ...tiesOf(doc).flatMap((tie) => (tie.target === id ? [tie.source] : [])),
  ]
  const names = new Set<string>()
  for (const source of sources) {
    const step = stepShown(steps, source)
    if (step && step.status !== 'completed') names.add(wiring.nodes.get(source)?.title ?? source)
  }
  return waitWords([...names])
}

/** The line below the title. The number of stages inside shows in every state. */
export function lineFor(node: WiringNode, state: NodeState): string {
  const { meta, title } = node
  const { look: is, step, quote, media } = state
  const does = meta && meta !== title ? meta : ''
  if (node.inside > 0 && (is === 'done' || is === 'reused' || is === 'idle'))
    return [does, is === 'idle' ? '' : factsOf(media, step)].filter(Boolean).join(', ')
  switch (is) {
    case 'done':
    case 'reused':
      return factsOf(media, step) || does
    case 'will':
      return quote?.why || does
    case 'queued':
      // What it waits for is above, where its picture will be.
      return step && step.attempts.length > 0 && step.message ? step.message : does
    case 'idle':
      return [state.whose, mediaWords(media)].filter(Boolean).join(', ') || does || 'Not run yet'
    default:
      return step ? stepWords(step).meta : does
  }
}
