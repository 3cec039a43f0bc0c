// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { GuestRun } from '../../api/schema'
import { Client, type Refused } from './client'
import { keep, keptRuns } from './storage'
import { Follower } from './store'

const RUN: GuestRun = {
  id: 'r1',
  status: 'completed',
  doneCount: 1,
  stageCount: 1,
  inputs: {},
  outputs: [],
  createdAt: '2026-11-20T10:00:00Z',
  finishedAt: '2026-11-20T10:00:09Z',
}
const FOREIGN = [200, 400, 401, 403, 404, 413, 422, 429, 500, 502, 504].flatMap((status) =>
  ['<html><h1>No</h1></html>', 'No'].map((body) => [status, body] as const),
)

let keys: string[]
let answers: (() => Response)[]

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
  keys = []
  answers = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    keys.push((init.headers as Record<string, string>)['Idempotency-Key'] ?? '')
    const answer = answers.shift()
    if (!answer) throw new TypeError('fetch failed')
    return answer()
  })
})
afterEach(() => vi.unstubAllGlobals())

function ours(): Response {
  return Response.json({ status: 'success', data: { run: RUN } })
}

test.each(FOREIGN)('after %i %s the next press has the same key', async (status, body) => {
  answers = [() => new Response(body, { status }), ours, ours]
  const refused = await new Client('posters', 'tok')
    .start(new FormData())
    .catch((no: Refused) => no)
  expect(refused).toMatchObject({ status: 0 })
  // After a reload, too.
  const client = new Client('posters', 'tok')
  expect((await client.start(new FormData())).id).toBe('r1')
  await client.start(new FormData())
  expect(keys[1]).toBe(keys[0])
  expect(keys[2]).not.toBe(keys[0])
})

test('a changed form shows the run that the press before it started', async () => {
  const refusal = {
    status: 'error',
    message: 'Used.',
    error: { code: 'idempotency.key_reuse', message: 'Used.' },
    details: { reason: 'idempotency_key_reuse', workflowId: 'r1' },
  }
  answers = [() => Response.json(refusal, { status: 409 }), ours]
  expect((await new Client('posters', 'tok').start(new FormData())).id).toBe('r1')
})

test.each(FOREIGN)('%i %s takes no run from the list', async (status, body) => {
  keep('posters', RUN)
  answers = [() => new Response(body, { status })]
  const follower = new Follower(new Client('posters', 'tok'))
  await expect(follower.open('r1')).rejects.toMatchObject({ status: 0 })
  expect(keptRuns('posters').map(({ id }) => id)).toEqual(['r1'])
})

test('a run of which we say that it is gone leaves it', async () => {
  keep('posters', RUN)
  const refusal = { status: 'error', message: 'Gone.', error: { code: 'not_found' } }
  answers = [() => Response.json(refusal, { status: 404 })]
  const follower = new Follower(new Client('posters', 'tok'))
  await expect(follower.open('r1')).rejects.toMatchObject({ status: 404 })
  expect(keptRuns('posters')).toEqual([])
})
