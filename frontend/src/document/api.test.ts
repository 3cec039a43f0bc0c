import { expect, test } from 'vitest'
import { ApiError, Unreachable } from '../api/http'
import { Api } from './api'

interface Asked {
  path: string
  init: RequestInit
}

function api(answer: () => Response | Promise<Response>, asked: Asked[] = []): Api {
  return new Api({
    fetch: async (path, init) => {
      asked.push({ path: String(path), init: init ?? {} })
      return answer()
    },
  })
}

function json(body: unknown, status = 200, headers = {}): Response {
  return new Response(JSON.stringify(body), { status, headers })
}

test('a write bears the token of the page, a read does not', async () => {
  const asked: Asked[] = []
  const editor = api(() => json({ rev: 1 }), asked)
  await editor.sendChanges('tpl/1', { clientId: 'c', base: 0, changes: [] })
  await editor.changesAfter('tpl/1', 7)
  expect(asked.map(({ path }) => path)).toEqual([
    '/app/documents/tpl%2F1/changes',
    '/app/documents/tpl%2F1/changes?after=7',
  ])
  const headers = asked.map(({ init }) => (init.headers as Record<string, string>)['X-CSRFToken'])
  // There is no page here.
  expect(headers).toEqual(['', undefined])
})

test('a no of the server keeps its code, words, details and time', async () => {
  const body = {
    status: 'error',
    message: 'Too fast.',
    details: { requestId: 'r' },
    error: { code: 'quota.exceeded', message: 'Too fast.' },
    retryAfter: 7,
  }
  const failure = await api(() => json(body, 429))
    .open('tpl')
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ApiError)
  expect(failure).toMatchObject({
    status: 429,
    code: 'quota.exceeded',
    message: 'Too fast.',
    details: { requestId: 'r' },
    retryAfter: 7,
  })
})

test.each([
  ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
  ['an answer that was cut off', () => new Response('{"rev": 1')],
])('%s is no answer', async (_, answer) => {
  await expect(api(answer).open('tpl')).rejects.toBeInstanceOf(Unreachable)
})

const STATUSES = [200, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504]
const FOREIGN = [
  '<html><h1>Bad gateway</h1></html>',
  'Bad gateway',
  '',
  'null',
  '[]',
  '"no"',
  '{"message": "Forbidden"}',
  '{"error": {"code": 502, "message": "Bad gateway"}}',
  '{"error": "forbidden"}',
]

test.each(
  STATUSES.flatMap((status) => FOREIGN.map((body) => [status, body] as const)).filter(
    ([status, body]) => status !== 200 || !body.startsWith('{'),
  ),
)('%i %s is not our word: asking and acting reach no one', async (status, body) => {
  const editor = api(() => new Response(body, { status }))
  for (const call of [
    editor.open('tpl'),
    editor.cancelRun('run'),
    editor.decideCost('r', 'confirm'),
  ])
    await expect(call).rejects.toMatchObject({
      name: 'Unreachable',
      message: "Can't reach the server.",
      status,
    })
})

test('what was called off by its caller fails with the reason of the caller', async () => {
  const controller = new AbortController()
  controller.abort(new Error('Not needed any more'))
  const editor = api(() => Promise.reject(controller.signal.reason))
  const asked = editor.open('tpl', { signal: controller.signal })
  await expect(asked).rejects.toThrow('Not needed any more')
})

test('an answer without a body is null', async () => {
  expect(await api(() => new Response(null, { status: 204 })).removePerson('t', 'bob')).toBeNull()
})
