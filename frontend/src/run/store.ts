/**
 * The state of runs: the one on the canvas, the last result of every stage, and the quote of the
 * next. Apart from the editor's store, so that progress re-renders nothing but its own node:
 * components select one step (`useStep`), whose entry is replaced only when that step changed.
 */

import { create } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { Medium, Quote, RunRow, StepQuote, Wait } from '../api/schema'
import type { RunPart } from '../document/api'
import { gateOf, holdersOf } from './shared/batches'
import type { RunHead } from './shared/runHead'
import { isUnfinished } from './shared/status'
import type { StepState } from './shared/stepState'

export { isUnfinished } from './shared/status'

/** A stage's last result, in the run on the canvas or in an older one. at: ISO time. */
export interface StageResult {
  runId: string
  isMine: boolean
  /** "Alice’s result"; "" of one's own. */
  whose: string
  at: string
  step: StepState
  media: readonly Medium[]
}

export interface RunHistory {
  /** Newest first. */
  rows: readonly RunRow[]
  next: string | null
  state: 'unread' | 'reading' | 'read' | 'failed'
}

export interface RunStore {
  /** The run on the canvas: the one that goes on, else the newest, or the one chosen. */
  run: RunHead | null
  steps: Readonly<Record<string, StepState>>
  /** By stage, also of stages that the run on the canvas left out. */
  results: Readonly<Record<string, StageResult>>
  /** Stages that finished before the viewer's eyes just now. */
  highlighted: ReadonlySet<string>
  quote: Quote | null
  quoteOf: Readonly<Record<string, StepQuote>>
  /** The quality of the runs that I start: as the stages say, or drafts. */
  quality: Pick<RunPart, 'quality'>
  /** `stale`: the document changed since. */
  quoteState: 'fresh' | 'asking' | 'stale' | 'failed'
  /** The reason that there is no quote, when that failed. */
  quoteProblem: string
  /** `closed`: nothing to follow. */
  connection: 'live' | 'reconnecting' | 'closed'
  history: RunHistory
  /** Someone chose to look at this run, although a newer one is there. */
  isEarlier: boolean
  busy: 'starting' | 'stopping' | null
  isTimelineOpen: boolean
  isHistoryOpen: boolean
}

export const useRun = create<RunStore>(() => ({
  run: null,
  steps: {},
  results: {},
  highlighted: new Set<string>(),
  quote: null,
  quoteOf: {},
  quality: {},
  quoteState: 'stale',
  quoteProblem: '',
  connection: 'closed',
  history: { rows: [], next: null, state: 'unread' },
  isEarlier: false,
  busy: null,
  isTimelineOpen: window.innerHeight >= 640 && window.innerWidth >= 760,
  isHistoryOpen: false,
}))

/** The state now, for event handlers. Components use `useRun(selector)`. */
export const runs = useRun.getState

/** The run's facts without what changes with every event. */
export function useRunFacts(): Pick<
  RunHead,
  | 'id'
  | 'by'
  | 'isMine'
  | 'mayStop'
  | 'status'
  | 'createdAt'
  | 'finishedAt'
  | 'units'
  | 'documentRev'
  | 'order'
> | null {
  return useRun(
    useShallow(({ run }) => {
      if (!run) return null
      const { id, by, isMine, mayStop, status, createdAt, finishedAt, units, documentRev, order } =
        run
      return { id, by, isMine, mayStop, status, createdAt, finishedAt, units, documentRev, order }
    }),
  )
}

/** The run on the canvas has this stage; undefined when it left it out or there is none. */
export function useStep(key: string): StepState | undefined {
  return useRun((state) => stepShown(state.steps, key))
}

const NO_STEPS: readonly StepState[] = []

/** The items of a batch in the run on the canvas, in order. */
export function useItems(batch: string): readonly StepState[] {
  return useRun(
    useShallow(({ run, steps }) => {
      const keys = run?.items?.[batch]
      return keys ? keys.flatMap((key) => steps[key] ?? []) : NO_STEPS
    }),
  )
}

/** The step that says how a stage is: its checkpoint's while that waits for someone. */
export function stepShown(
  steps: Readonly<Record<string, StepState>>,
  stage: string,
): StepState | undefined {
  const step = steps[stage]
  const gate = steps[gateOf(stage)]
  if (!step || gate?.status !== 'waiting') return step
  return withGate(step, gate)
}

const turnedSteps = new WeakMap<StepState, { gate: StepState; shown: StepState }>()

/** A stage that is done and waits to be approved. */
function withGate(step: StepState, gate: StepState): StepState {
  const cachedTurn = turnedSteps.get(step)
  if (cachedTurn?.gate === gate) return cachedTurn.shown
  const message = gate.message || 'Check, then continue'
  const asks = gate.asks === undefined ? {} : { asks: gate.asks }
  const waitingStep: StepState = { ...step, status: 'waiting', message, ...asks }
  turnedSteps.set(step, { gate, shown: waitingStep })
  return waitingStep
}

/** Return the question of a stage, or of a step inside it, now; undefined: none. */
export function waitOf({ run, steps }: Pick<RunStore, 'run' | 'steps'>, stage: string) {
  return run?.waits?.find((wait) => {
    const step = wait.step === null ? undefined : steps[wait.step]
    return (
      wait.stage === stage ||
      wait.step === stage ||
      wait.step === gateOf(stage) ||
      (step !== undefined && holdersOf(steps, step).includes(stage))
    )
  })
}

/** Return the question of a stage now; undefined: none, or it is on its way. */
export function useWait(stage: string): Wait | undefined {
  return useRun((state) => waitOf(state, stage))
}

export function useStepQuote(key: string): StepQuote | undefined {
  return useRun((state) => state.quoteOf[key])
}

export function useStageResult(key: string): StageResult | undefined {
  return useRun((state) => state.results[key])
}

/** Return true if the stage finished just now, so that it lights up. */
export function useIsHighlighted(key: string): boolean {
  return useRun((state) => state.highlighted.has(key))
}

/** Return true if a run of mine goes on, on the canvas: then another one has to wait. */
export function isMyRunOn({ run, isEarlier }: RunStore): boolean {
  return isUnfinished(run) && !isEarlier && run?.isMine === true
}

/** Return true if a run goes on, on the canvas. */
export function useIsRunning(): boolean {
  return useRun((state) => isUnfinished(state.run))
}
