// @vitest-environment happy-dom

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ApiError, Unreachable } from '../api/http'
import type { CommentThread } from '../api/schema'
import { api } from '../editor/api'
import { editor, useEditor } from '../editor/store'
import { loadComments, openOn, useComments } from './store'

const THREAD: CommentThread = {
  id: 1,
  number: 1,
  author: 'Bob',
  hue: 2,
  initials: 'B',
  text: 'Wider',
  createdAt: '2026-03-12T22:16:07.000Z',
  isEdited: false,
  isResolved: false,
  stage: 'frame',
  position: null,
  artifact: null,
  isOfEarlierResult: false,
  atMs: null,
  time: '',
  x: null,
  y: null,
  isOwn: true,
  canEdit: true,
  canResolve: true,
  canRemove: true,
  answers: [],
}
const list = (...comments: CommentThread[]) => ({
  comments,
  count: comments.length,
  earlier: null,
  mayWrite: true,
})

beforeEach(() => useEditor.setState({ template: { ...editor().template, role: 'viewer' } }))
afterEach(() => vi.restoreAllMocks())

test('counts what waits on a stage', () => {
  const threads = [THREAD, { ...THREAD, id: 2, isResolved: true }, { ...THREAD, id: 3, stage: '' }]
  expect(openOn(threads, 'frame').map(({ id }) => id)).toEqual([1])
})

test('an answer that was overtaken does not count', async () => {
  let late: (value: ReturnType<typeof list>) => void = () => {}
  vi.spyOn(api, 'comments')
    .mockReturnValueOnce(
      new Promise((resolve) => {
        late = resolve
      }),
    )
    .mockResolvedValueOnce(list(THREAD))
  const first = loadComments()
  await loadComments()
  late(list())
  await first
  expect(useComments.getState().threads).toEqual([THREAD])
})

test('offline they stay; without the right to read them they go', async () => {
  vi.spyOn(api, 'comments')
    .mockResolvedValueOnce(list(THREAD))
    .mockRejectedValueOnce(new Unreachable('offline'))
    .mockRejectedValueOnce(new ApiError(404, 'template.not_found', 'Not found'))
  await loadComments()
  await loadComments()
  expect(useComments.getState().threads).toHaveLength(1)
  await loadComments()
  expect(useComments.getState()).toMatchObject({ isThere: false, mayWrite: false, threads: [] })
})
