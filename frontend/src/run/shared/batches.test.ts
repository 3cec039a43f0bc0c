import { describe, expect, test } from 'vitest'
import { countItems, countWords, gateOf, gatherItems, stageBefore, tilingOf } from './batches'
import type { StepState } from './stepState'

function item(index: number, status: StepState['status'], progress = 0): StepState {
  return {
    key: `each_${index}`,
    title: 'Foxes',
    tool: 'note',
    parent: 'each',
    index,
    status,
    progress,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: null,
    artifacts: [],
  }
}

describe('a batch', () => {
  test('says how many are done and how many failed', () => {
    const items = [item(0, 'completed'), item(1, 'failed'), item(2, 'running'), item(3, 'pending')]
    expect(countWords(countItems(items))).toBe('1 of 4, 1 failed')
    expect(countWords(countItems(items.slice(0, 1)))).toBe('1 of 1')
  })

  test('is as far as its items, those at work included', () => {
    const batch = { ...item(0, 'running'), key: 'each', parent: null, kind: 'expand' as const }
    const items = [
      item(0, 'completed'),
      item(1, 'running', 0.5),
      item(2, 'failed'),
      item(3, 'ready'),
    ]
    const { progress, message, counts } = gatherItems(batch, items)
    expect(progress).toBe(2.5 / 4)
    expect(message).toBe('1 of 4, 1 failed')
    expect(counts).toEqual({ total: 4, done: 1, failed: 1, running: 1, left: 0 })
  })

  test('over a template names the stage that is at work in the first element', () => {
    const batch = { ...item(0, 'running'), key: 'each', parent: null, kind: 'expand' as const }
    const still: StepState = { ...item(0, 'running'), key: 'each_1.still', title: 'Still' }
    const element = { ...item(1, 'running'), kind: 'group' as const }
    const busy = gatherItems(element, [item(0, 'completed'), still])
    expect(busy.message).toBe('1 of 2 · Still')
    const { message } = gatherItems(batch, [{ ...element, status: 'completed' }, busy])
    expect(message).toBe('1 of 2 · Still')
  })

  test('without items is left as it is', () => {
    const batch = item(0, 'pending')
    expect(gatherItems(batch, [])).toBe(batch)
  })
})

describe('tiles', () => {
  test.each([1, 2, 3, 4, 6, 9, 12, 24])('%i of them all find a place', (count) => {
    for (const height of [48, 80, 110]) {
      const { columns, rows, shown } = tilingOf(count, 208, height)
      expect(columns * rows).toBeGreaterThanOrEqual(shown)
      // No row stays empty.
      expect(columns * (rows - 1)).toBeLessThan(count)
      if (shown === count) continue
      expect(shown).toBe(columns * rows - 1)
    }
  })

  test('keep the shape of pictures', () => {
    expect(tilingOf(12, 208, 110)).toEqual({ columns: 4, rows: 3, shown: 12 })
    expect(tilingOf(1, 208, 110)).toEqual({ columns: 1, rows: 1, shown: 1 })
  })

  test('leave the last place for how many more there are', () => {
    const { columns, rows, shown } = tilingOf(1_000, 208, 110)
    expect(shown).toBe(columns * rows - 1)
  })
})

test('a checkpoint names the stage it comes after', () => {
  expect(stageBefore(gateOf('clip'))).toBe('clip')
  expect(stageBefore('clip')).toBeNull()
})
