// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import type { RunPage, StepRecord } from '../../api/schema'
import { reduce } from '../../run/shared/reduce'

const STEP: StepRecord = {
  key: 'shot',
  title: 'Shot',
  tool: 'note',
  status: 'running',
  progress: 0,
  message: '',
  startedAt: '2026-05-04T09:41:00Z',
  finishedAt: null,
  attempts: [],
  reusedFrom: null,
  error: null,
  seed: null,
  artifacts: [],
}

function answer(lastSeq: number, units = 0): RunPage {
  const log = Array.from({ length: lastSeq }, (_, at) => ({
    sequence: lastSeq - at,
    message: `Event ${lastSeq - at}`,
    at: '2026-05-04T09:41:00Z',
  }))
  const stages = { shot: { units: 3, title: 'Shot', note: '' } }
  const featured = { artifact: null, question: '', stage: '' }
  const page = { order: ['shot'], stages, film: null, featured, log, turns: [] }
  return {
    id: 'wf',
    by: { id: 'usr_1', name: 'Alice', hue: 1 },
    isMine: true,
    mayStop: true,
    status: 'running',
    createdAt: '2026-05-04T09:41:00Z',
    finishedAt: null,
    lastSeq,
    units,
    documentRev: null,
    steps: [STEP],
    page: page as unknown as RunPage['page'],
  }
}

const DONE = {
  sequence: 3,
  event: 'step_completed',
  stepId: 'shot',
  stepStatus: 'completed' as const,
  message: 'Shot done',
  createdAt: '2026-05-04T09:41:09Z',
  data: {},
}

async function pageOf(state: RunPage) {
  document.body.innerHTML = ''
  const script = document.createElement('script')
  script.type = 'application/json'
  script.id = 'run-state'
  script.textContent = JSON.stringify(state)
  document.body.append(script)
  return import('./store')
}

beforeEach(() => vi.resetModules())

test('a stage that is done counts and costs before the next answer says so', async () => {
  const store = await pageOf(answer(2))
  expect([store.doneCount(store.page()), store.unitsUsed(store.page())]).toEqual([0, 0])
  store.put(reduce(store.page(), [DONE]))
  expect([store.doneCount(store.page()), store.unitsUsed(store.page())]).toEqual([1, 3])
  const now = answer(3, 3)
  const done = { ...STEP, status: 'completed' as const }
  const { fromState } = await import('../../run/shared/reduce')
  store.put(fromState({ ...now, steps: [done] }))
  expect(store.unitsUsed(store.page())).toBe(3)
})

test('the log has each event once, newest first', async () => {
  const store = await pageOf(answer(2))
  store.addToLog([{ sequence: 3, message: 'Shot done', at: DONE.createdAt }])
  const { fromState } = await import('../../run/shared/reduce')
  store.put(fromState(answer(4)))
  expect(store.page().log.map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1])
})

test('is over once an answer says how it ended', async () => {
  const store = await pageOf(answer(2))
  const end = { ...DONE, event: 'workflow_completed', stepId: null, status: 'completed' as const }
  store.put(reduce(store.page(), [{ ...end, stepStatus: null }]))
  expect(store.page().run.status).toBe('completed')
  expect(store.isOver(store.page())).toBe(false)
  const { fromState } = await import('../../run/shared/reduce')
  store.put(fromState({ ...answer(4), status: 'completed' }))
  expect(store.isOver(store.page())).toBe(true)
})
