/** The bars of a run's timeline. Pure. */

import type { StepState } from '../../run/shared/stepState'

/** In thousandths of the run's length so far. */
export interface Bar {
  x: number
  width: number
}

export interface Span {
  bars: ReadonlyMap<string, Bar>
  /** Epoch milliseconds that it was drawn for. */
  now: number
}

const NARROWEST = 4

/** now: epoch milliseconds, up to when what goes on is drawn. */
export function barsOf(steps: readonly StepState[], now: number): Span {
  const spans = steps.flatMap((step) => {
    if (!step.startedAt) return []
    const end = step.finishedAt ? Date.parse(step.finishedAt) : now
    return [{ key: step.key, from: Date.parse(step.startedAt), to: end }]
  })
  const first = spans.reduce((least, { from }) => Math.min(least, from), now)
  const last = spans.reduce((most, { to }) => Math.max(most, to), first + 1)
  const part = (ms: number) => Math.round((1_000 * ms) / (last - first))
  const bars = spans.map(({ key, from, to }): [string, Bar] => [
    key,
    { x: part(from - first), width: Math.max(NARROWEST, part(to - from)) },
  ])
  return { bars: new Map(bars), now }
}
