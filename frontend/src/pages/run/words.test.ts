import { expect, test } from 'vitest'
import type { StageView } from '../../api/schema'
import type { StepState } from '../../run/shared/stepState'
import { tileAfterKey } from './tileKeys'
import { barsOf } from './timelineBars'
import { aboutWords, itemCountWords, noteOf, stateOf, tileName, tookWords } from './words'

function step(more: Partial<StepState> = {}): StepState {
  return {
    key: 'a',
    title: 'A',
    tool: 'note',
    status: 'running',
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

const VIEW: StageView = {
  title: 'A',
  icon: 'image',
  kind: 'image',
  toolTitle: 'Generate image',
  units: 2,
  usual: null,
  note: 'Waiting for B',
  said: '',
  anchor: '',
  sides: [],
}
const FAILURE = { code: '', message: 'No.', headline: 'It refuses.', cause: '', retryable: false }

test('the note is what the server said of the step, as long as the step is the same', () => {
  const read = step({ status: 'pending' })
  expect(noteOf(read, VIEW, read)).toBe('Waiting for B')
  expect(noteOf(step({ message: 'Drawing' }), VIEW, read)).toBe('Drawing')
  expect(noteOf(step({ status: 'failed', error: FAILURE }), VIEW, read)).toBe('It refuses.')
  expect(noteOf(step({ status: 'completed' }), VIEW, read)).toBe('')
})

test('a step is called by the words of the public log', () => {
  expect(stateOf(step({ status: 'waiting' }))).toBe('waiting_for_user')
  expect(stateOf(step({ status: 'ready' }))).toBe('pending')
  expect(stateOf(step({ status: 'skipped' }))).toBe('skipped')
})

test('a stage says its tool, its seed and its price', () => {
  expect(aboutWords(step({ seed: 7 }), VIEW)).toBe('Generate image, seed 7, 2 credits')
  expect(aboutWords(step(), { ...VIEW, units: 0 })).toBe('Generate image, free')
  expect(aboutWords(step(), undefined)).toBe('')
})

test('items are counted by where they are', () => {
  const items = (['completed', 'completed', 'failed', 'running', 'ready'] as const).map((status) =>
    step({ status }),
  )
  expect(itemCountWords(items)).toBe('2 of 5, 1 failed, 1 running')
  expect(itemCountWords(items, 'Still')).toBe('2 of 5, 1 failed · Still')
  expect(tileName(step({ status: 'failed' }), 'Try 4', 'It refuses.')).toBe(
    'Try 4, failed: It refuses.',
  )
  const done = step({ status: 'completed' })
  expect(tileName(done, 'Try 4', 'A draft.', 'A draft.')).toBe('Try 4, done')
  expect(tileName(done, 'Try 4', 'A draft without a visor.', 'A draft.')).toBe(
    'Try 4, done: A draft without a visor.',
  )
})

test('a step takes time from its start to its end, or until now', () => {
  const [startedAt, finishedAt] = ['2026-05-04T09:00:00Z', '2026-05-04T09:00:05Z']
  const now = Date.parse('2026-05-04T09:01:12Z')
  expect(tookWords(step(), now)).toBe('')
  expect(tookWords(step({ startedAt }), now)).toBe('1:12')
  expect(tookWords(step({ startedAt, finishedAt, status: 'completed' }), now)).toBe('5 s')
  const span = barsOf(
    [
      step({ key: 'a', startedAt, finishedAt, status: 'completed' }),
      step({ key: 'b', startedAt: finishedAt }),
      step({ key: 'c' }),
    ],
    Date.parse('2026-05-04T09:00:10Z'),
  )
  expect([...span.bars]).toEqual([
    ['a', { x: 0, width: 500 }],
    ['b', { x: 500, width: 500 }],
  ])
})

test('arrows lead across and between the rows of tiles', () => {
  const tiles = [0, 0, 0, 40, 40].map((offsetTop) => ({ offsetTop }))
  expect(tileAfterKey('ArrowRight', 1, tiles)).toBe(2)
  expect(tileAfterKey('ArrowDown', 1, tiles)).toBe(4)
  expect(tileAfterKey('End', 1, tiles)).toBe(4)
  expect(tileAfterKey('x', 1, tiles)).toBeNull()
})
