/** The places of everything on the timeline: seconds since the run was created. Pure. */

import { gateOf } from './shared/batches'
import type { RunHead } from './shared/runHead'
import { isUnfinished } from './shared/status'
import type { StepState } from './shared/stepState'

export type BarKind = 'done' | 'run' | 'fail' | 'reuse' | 'wait' | 'stop' | 'est'

export interface Bar {
  kind: BarKind
  from: number
  to: number
}

export interface Lane {
  key: string
  bars: Bar[]
  /** The key of an item's batch. */
  parent: string | null
  /** The number of its items to unfold. */
  items: number
}

export interface Chart {
  lanes: Lane[]
  /** Seconds that the whole width stands for. */
  span: number
  /** Seconds between two figures of the ruler. */
  tick: number
  /** The time on the clock; null when the run is over. */
  now: number | null
}

/** Seconds that a stage is expected to take, by its key; null when no one knows. */
export type Expected = (key: string) => number | null

const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200]
const MOST_TICKS = 7
const NONE_OPEN: ReadonlySet<string> = new Set()

/**
 * The chart of a run at the time `now` (epoch ms). sources: stages that a stage takes from, so that
 * what waits is drawn behind them. open: batches whose items have lanes of their own.
 */
export function chartOf(
  run: RunHead,
  steps: Readonly<Record<string, StepState>>,
  now: number,
  expected: Expected = () => null,
  sources: (key: string) => readonly string[] = () => [],
  open: ReadonlySet<string> = NONE_OPEN,
): Chart {
  const zero = Date.parse(run.createdAt)
  const at = (time: string) => Math.max(0, (Date.parse(time) - zero) / 1_000)
  const goesOn = isUnfinished(run)
  const present = goesOn ? Math.max(0, (now - zero) / 1_000) : null
  const ends = new Map<string, number>()
  const lanes: Lane[] = []
  for (const key of run.order) {
    const step = steps[key]
    if (!step) continue
    const items = (run.items?.[key] ?? []).flatMap((item) => steps[item] ?? [])
    const bars = items.length > 0 ? spanOf(step, items, at, present) : barsOf(step, at, present)
    if (steps[gateOf(key)]?.status === 'waiting' && present !== null)
      bars.push(waitBar(bars, present))
    const end = bars.at(-1)?.to ?? 0
    ends.set(key, end)
    const duration = end - (bars.at(-1)?.from ?? 0)
    const rest = present === null ? null : restOf(step, expected(key), duration)
    if (rest !== null) {
      const ready = sources(key).map((source) => ends.get(source) ?? 0)
      const from = step.status === 'running' ? end : Math.max(present ?? 0, ...ready)
      bars.push({ kind: 'est', from, to: from + rest })
      ends.set(key, from + rest)
    }
    lanes.push({ key, bars, parent: null, items: items.length })
    if (open.has(key))
      for (const item of items)
        lanes.push({ key: item.key, bars: barsOf(item, at, present), parent: key, items: 0 })
  }
  const last = Math.max(1, present ?? 0, ...ends.values())
  const tick = tickFor(last)
  return { lanes, span: Math.ceil(last / tick) * tick, tick, now: present }
}

/** A batch, from its first item to its last; what failed is drawn where it did. */
function spanOf(
  batch: StepState,
  items: readonly StepState[],
  at: (time: string) => number,
  present: number | null,
): Bar[] {
  const all = items.flatMap((item) => barsOf(item, at, present))
  if (all.length === 0) return barsOf(batch, at, present)
  const from = Math.min(...all.map((bar) => bar.from))
  const to = Math.max(...all.map((bar) => bar.to))
  const isReused = items.every((item) => item.status !== 'completed' || item.reusedFrom)
  const kind = isReused && batch.status === 'completed' ? 'reuse' : kindOf(batch, '', true)
  return [{ kind, from, to }, ...all.filter((bar) => bar.kind === 'fail')]
}

function waitBar(bars: readonly Bar[], present: number): Bar {
  const from = bars.at(-1)?.to ?? 0
  return { kind: 'wait', from, to: Math.max(from, present) }
}

/** One bar per try. present: seconds, while the run goes on. */
function barsOf(step: StepState, at: (time: string) => number, present: number | null): Bar[] {
  const end = step.finishedAt ? at(step.finishedAt) : null
  const tries =
    step.attempts.length > 0
      ? step.attempts
      : step.startedAt
        ? [{ startedAt: step.startedAt, endedAt: step.finishedAt, outcome: '' }]
        : []
  const bars = tries.map((attempt, index): Bar => {
    const from = at(attempt.startedAt)
    const isLast = index === tries.length - 1
    const until = attempt.endedAt ? at(attempt.endedAt) : isLast ? (end ?? present) : null
    return { kind: kindOf(step, attempt.outcome, isLast), from, to: Math.max(from, until ?? from) }
  })
  if (step.status === 'waiting' && step.kind !== 'wait' && present !== null)
    bars.push(waitBar(bars, present))
  return bars
}

function kindOf(step: StepState, outcome: string, isLast: boolean): BarKind {
  if (outcome === 'error') return 'fail'
  if (!isLast) return 'stop'
  // It was someone's turn all the while.
  if (step.kind === 'wait') return 'wait'
  switch (step.status) {
    case 'completed':
      return step.reusedFrom ? 'reuse' : 'done'
    case 'running':
      return 'run'
    case 'failed':
      return 'fail'
    case 'waiting':
      return 'done'
    default:
      return 'stop'
  }
}

/** Seconds still to come, by its own pace or by what is usual. taken: by the try that goes on. */
function restOf(step: StepState, usual: number | null, taken: number): number | null {
  if (usual === null) return null
  if (step.status === 'pending' || step.status === 'ready') return usual
  if (step.status !== 'running') return null
  if (step.progress > 0.1 && taken > 1) return (taken * (1 - step.progress)) / step.progress
  return Math.max(0, usual - taken)
}

function tickFor(seconds: number): number {
  return TICKS.find((tick) => seconds / tick <= MOST_TICKS) ?? Math.ceil(seconds / MOST_TICKS)
}
