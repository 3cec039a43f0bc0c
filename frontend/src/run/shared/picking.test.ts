import { expect, test } from 'vitest'
import type { Wait } from '../../api/schema'
import { chosen, pickWords, wrongWith } from './picking'
import { inputOf } from './replies'

test('one is chosen in place of another, several up to the most', () => {
  expect(chosen(['a'], 'b', 1)).toEqual(['b'])
  expect(chosen(['a'], 'a', 1)).toEqual([])
  expect(chosen(['a'], 'b', 2)).toEqual(['a', 'b'])
  expect(chosen(['a', 'b'], 'c', 2)).toEqual(['a', 'b'])
  expect(chosen(['a', 'b'], 'a', 2)).toEqual(['b'])
})

test('says how many are chosen, and why that is not enough', () => {
  expect(pickWords(2, 3, 3)).toBe('2 of 3')
  expect(pickWords(0, 1, 4)).toBe('0 of 1–4')
  expect(wrongWith(2, 3, 3)).toBe('Choose 1 more')
  expect(wrongWith(3, 3, 3)).toBeNull()
  expect(wrongWith(5, 1, 4)).toBe('Remove 1')
})

test('an answer is what the public contract calls it', () => {
  const wait: Wait = {
    id: '7',
    type: 'checkpoint',
    step: 'card__gate',
    stage: 'card',
    reason: 'workflow_user_input_required',
    message: '',
    candidates: [],
    min: 1,
    max: 1,
    units: null,
  }
  expect(inputOf(wait, { type: 'approve' })).toMatchObject({ type: 'approve_checkpoint' })
  expect(inputOf(wait, { type: 'redo' })).toEqual({ type: 'redo_stage', stageId: 'card' })
  expect(inputOf({ ...wait, step: 'ask' }, { type: 'text', text: 'Fox' })).toEqual({
    type: 'answer',
    stepId: 'ask',
    text: 'Fox',
  })
  expect(inputOf({ ...wait, step: 'ask' }, { type: 'picked', ids: ['b', 'a'] })).toEqual({
    type: 'select_media',
    stepId: 'ask',
    artifactIds: ['b', 'a'],
  })
  expect(inputOf({ ...wait, step: 'fox' }, { type: 'job', id: '7e1f' })).toEqual({
    type: 'attach_job',
    stepId: 'fox',
    jobId: '7e1f',
  })
  expect(inputOf(wait, { type: 'cancel' })).toEqual({ type: 'cancel' })
})
