import { describe, expect, test } from 'vitest'
import type { RunStatus } from '../api/schema'
import { chartOf } from './geometry'
import type { RunHead } from './shared/runHead'
import type { StepState } from './shared/stepState'

const ZERO = Date.parse('2026-05-04T09:41:00Z')
const at = (seconds: number) => new Date(ZERO + 1_000 * seconds).toISOString()

function run(order: string[], status: RunStatus = 'running'): RunHead {
  return {
    id: 'wf',
    status,
    by: { id: 'usr_1', name: 'Alice', hue: 1 },
    isMine: true,
    mayStop: true,
    createdAt: at(0),
    finishedAt: null,
    lastSeq: 1,
    units: 0,
    documentRev: 1,
    order,
  }
}

function step(key: string, more: Partial<StepState>): StepState {
  return {
    key,
    title: key,
    tool: 'note',
    status: 'pending',
    progress: 0,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: null,
    artifacts: [],
    ...more,
  }
}

function tried(from: number, to: number | null, outcome = '') {
  return { startedAt: at(from), endedAt: to === null ? null : at(to), outcome }
}

describe('the timeline', () => {
  test('draws one bar per try: failed, then done', () => {
    const steps = {
      a: step('a', {
        status: 'completed',
        finishedAt: at(9),
        attempts: [tried(1, 3, 'error'), tried(5, 9, 'done')],
      }),
    }
    const { lanes, now } = chartOf(run(['a'], 'completed'), steps, ZERO)
    expect(lanes[0]?.bars).toEqual([
      { kind: 'fail', from: 1, to: 3 },
      { kind: 'done', from: 5, to: 9 },
    ])
    expect(now).toBeNull()
  })

  test('lets what runs grow with the clock, and what is expected follow it', () => {
    const steps = { a: step('a', { status: 'running', attempts: [tried(2, null)] }) }
    const { lanes, now } = chartOf(run(['a']), steps, ZERO + 6_000, () => 10)
    expect(lanes[0]?.bars).toEqual([
      { kind: 'run', from: 2, to: 6 },
      { kind: 'est', from: 6, to: 12 },
    ])
    expect(now).toBe(6)
  })

  test("guesses by a stage's own pace once it has one", () => {
    const steps = {
      a: step('a', { status: 'running', progress: 0.25, attempts: [tried(0, null)] }),
    }
    const { lanes } = chartOf(run(['a']), steps, ZERO + 4_000, () => 100)
    expect(lanes[0]?.bars.at(-1)).toEqual({ kind: 'est', from: 4, to: 16 })
  })

  test('expects what waits behind what it waits for', () => {
    const steps = {
      a: step('a', { status: 'running', attempts: [tried(0, null)] }),
      b: step('b', {}),
    }
    const sources = (key: string) => (key === 'b' ? ['a'] : [])
    const { lanes, span } = chartOf(run(['a', 'b']), steps, ZERO + 2_000, () => 5, sources)
    expect(lanes[1]?.bars).toEqual([{ kind: 'est', from: 5, to: 10 }])
    expect(span).toBeGreaterThanOrEqual(10)
  })

  test('hatches what was taken over', () => {
    const steps = {
      a: step('a', { status: 'completed', reusedFrom: 'wf_0', attempts: [tried(0, 0.1, 'done')] }),
    }
    expect(chartOf(run(['a'], 'completed'), steps, ZERO).lanes[0]?.bars[0]?.kind).toBe('reuse')
  })

  test('draws a lost try and a stopped one neither as done nor as failed', () => {
    const steps = {
      a: step('a', { status: 'running', attempts: [tried(0, 2, 'lost'), tried(3, null)] }),
      b: step('b', {
        status: 'cancelled',
        finishedAt: at(4),
        attempts: [tried(1, 4, 'cancelled')],
      }),
    }
    const { lanes } = chartOf(run(['a', 'b']), steps, ZERO + 5_000)
    expect(lanes[0]?.bars.map((bar) => bar.kind)).toEqual(['stop', 'run'])
    expect(lanes[1]?.bars.map((bar) => bar.kind)).toEqual(['stop'])
  })

  test.each([
    [3, 1],
    [25, 5],
    [72, 15],
    [3_000, 600],
    [400_000, 57_143],
  ])('%i seconds have a figure every %i', (seconds, tick) => {
    const steps = {
      a: step('a', { status: 'completed', attempts: [tried(0, seconds, 'done')] }),
    }
    const chart = chartOf(run(['a'], 'completed'), steps, ZERO)
    expect(chart.tick).toBe(tick)
    expect(chart.span).toBeGreaterThanOrEqual(seconds)
    expect(chart.span / chart.tick).toBeLessThanOrEqual(8)
  })

  test('draws a batch from its first item to its last, and its items when it is unfolded', () => {
    const steps = {
      a: step('a', { kind: 'expand', status: 'completed' }),
      a_0: step('a_0', {
        parent: 'a',
        status: 'completed',
        finishedAt: at(4),
        attempts: [tried(1, 4, 'done')],
      }),
      a_1: step('a_1', {
        parent: 'a',
        status: 'failed',
        finishedAt: at(9),
        attempts: [tried(5, 9, 'error')],
      }),
    }
    const batch = { ...run(['a'], 'completed'), items: { a: ['a_0', 'a_1'] } }
    const folded = chartOf(batch, steps, ZERO)
    expect(folded.lanes).toHaveLength(1)
    expect(folded.lanes[0]).toMatchObject({
      items: 2,
      bars: [
        { kind: 'done', from: 1, to: 9 },
        { kind: 'fail', from: 5, to: 9 },
      ],
    })
    const { lanes } = chartOf(batch, steps, ZERO, undefined, undefined, new Set(['a']))
    expect(lanes.map(({ key, parent }) => [key, parent])).toEqual([
      ['a', null],
      ['a_0', 'a'],
      ['a_1', 'a'],
    ])
  })

  test("hatches what was someone's turn", () => {
    const steps = {
      ask: step('ask', { kind: 'wait', status: 'completed', startedAt: at(2), finishedAt: at(8) }),
      card: step('card', {
        status: 'completed',
        finishedAt: at(9),
        attempts: [tried(8, 9, 'done')],
      }),
      card__gate: step('card__gate', { kind: 'gate', status: 'waiting' }),
    }
    const { lanes } = chartOf(run(['ask', 'card']), steps, ZERO + 12_000)
    expect(lanes[0]?.bars).toEqual([{ kind: 'wait', from: 2, to: 8 }])
    expect(lanes[1]?.bars.at(-1)).toEqual({ kind: 'wait', from: 9, to: 12 })
  })
})
