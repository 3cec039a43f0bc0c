/**
 * One half of tests/integration/runs/test_events_add_up_to_the_state.py, which starts it: reads
 * states of runs with the events in between, and writes where the reducer comes to another state.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'vitest'
import type { RunState } from '../src/api/schema'
import { type Followed, fromState, type RunEvent, reduce } from '../src/run/shared/reduce'
import type { StepState } from '../src/run/shared/stepState'

interface Case {
  name: string
  before: RunState
  events: RunEvent[]
  after: RunState
}

const from = process.env.REELGRAPH_RUNS
const to = process.env.REELGRAPH_REDUCED

/** What a page shows of a step while the run goes on. Each answer signs its addresses again. */
function shown(step: StepState) {
  return {
    // No event says that a step may start now: its turn comes when a worker takes it.
    status: step.status === 'ready' ? 'pending' : step.status,
    progress: step.progress,
    message: step.message,
    started: step.startedAt !== null,
    finished: step.finishedAt !== null,
    attempts: step.attempts.map(({ endedAt, outcome }) => [endedAt !== null, outcome]),
    reusedFrom: step.reusedFrom,
    error: step.error,
    artifacts: step.artifacts.map(({ id, kind, width, height, duration, filename, posterUrl }) => ({
      id,
      kind,
      width,
      height,
      duration,
      filename,
      poster: posterUrl !== null,
    })),
  }
}

function facts({ run, steps }: Followed): Record<string, unknown> {
  const { status, lastSeq, finishedAt, order, items } = run
  const listed = Object.entries(steps).map(([key, step]) => [`step ${key}`, shown(step)])
  return {
    run: { status, lastSeq, finished: finishedAt !== null, order, items },
    ...Object.fromEntries(listed),
  }
}

function differing(one: Record<string, unknown>, other: Record<string, unknown>) {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return keys
    .map((key) => ({ of: key, reduced: one[key], fetched: other[key] }))
    .filter(({ reduced, fetched }) => JSON.stringify(reduced) !== JSON.stringify(fetched))
}

test.skipIf(!from || !to)('events add up to the state', { timeout: 120_000 }, () => {
  const cases = JSON.parse(readFileSync(from as string, 'utf8')) as Case[]
  const found = cases.map(({ name, before, events, after }) => {
    const taken = reduce(fromState(before), events)
    const otherwise = taken.inDoubt ? [] : differing(facts(taken), facts(fromState(after)))
    return { name, inDoubt: taken.inDoubt, otherwise }
  })
  writeFileSync(to as string, JSON.stringify(found))
})
