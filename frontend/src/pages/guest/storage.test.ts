// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import type { GuestRun } from '../../api/schema'
import { forget, guestId, keep, keptRuns } from './storage'

const RUN: GuestRun = {
  id: 'a',
  status: 'running',
  doneCount: 0,
  stageCount: 1,
  inputs: {},
  outputs: [],
  createdAt: '2026-11-20T10:00:00Z',
  finishedAt: null,
}

beforeEach(() => localStorage.clear())

test('at most 20 runs are kept, the newest first, each in its place', () => {
  for (let at = 0; at < 22; at++) keep('posters', { ...RUN, id: String(at) })
  const outputs = [{ name: 'song', label: 'Song', files: [], text: 'La' }]
  keep('posters', { ...RUN, id: '20', status: 'completed', outputs })
  const runs = keptRuns('posters')
  expect(runs).toHaveLength(20)
  expect(runs.slice(0, 2).map(({ id, status }) => [id, status])).toEqual([
    ['21', 'running'],
    ['20', 'completed'],
  ])
  expect(runs[1]?.first?.words).toBe('La')
  expect(keptRuns('others')).toEqual([])
  expect(forget('posters', '21')[0]?.id).toBe('20')
})

test('where nothing can be stored it holds until the page is left', () => {
  const refuse = () => {
    throw new DOMException('no', 'SecurityError')
  }
  vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
  keep('walls', RUN)
  expect(keptRuns('walls').map(({ id }) => id)).toEqual(['a'])
  expect(guestId()).toBe(guestId())
  vi.unstubAllGlobals()
})
