// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { csrfToken, signedFetch } from './csrf'

interface Asked {
  readonly path: string
  readonly token: string | undefined
}

const STALE = () => new Response('{}', { status: 403, headers: { 'X-Stale-Page': '1' } })

beforeEach(() => {
  document.head.innerHTML = '<meta name="csrf-token" content="old">'
})

/** A server that answers in turn; the token it gives is `new`. */
function server(answers: (() => Response)[], asked: Asked[]): typeof fetch {
  return async (path, init) => {
    const headers = (init?.headers ?? {}) as Record<string, string>
    asked.push({ path: String(path), token: headers['X-CSRFToken'] })
    if (path === '/app/form-token')
      return new Response(JSON.stringify({ status: 'success', data: { token: 'new' } }))
    return answers.shift()?.() ?? new Response('{}')
  }
}

test('a write bears the token of the page', async () => {
  const asked: Asked[] = []
  await signedFetch('/app/x', { method: 'POST' }, server([], asked))
  expect(asked).toEqual([{ path: '/app/x', token: 'old' }])
})

test('a page from before another sign-in gets a new token and tries once more', async () => {
  const asked: Asked[] = []
  const answer = await signedFetch('/app/x', { method: 'POST' }, server([STALE], asked))
  expect(answer.status).toBe(200)
  expect(asked.map(({ path, token }) => [path, token])).toEqual([
    ['/app/x', 'old'],
    ['/app/form-token', undefined],
    ['/app/x', 'new'],
  ])
  expect(csrfToken()).toBe('new')
})

test('what is refused again stays refused', async () => {
  const asked: Asked[] = []
  const answer = await signedFetch('/app/x', { method: 'POST' }, server([STALE, STALE], asked))
  expect(answer.status).toBe(403)
  expect(asked).toHaveLength(3)
})

test('another refusal is not tried again', async () => {
  const asked: Asked[] = []
  const no = () => new Response('{}', { status: 403 })
  expect((await signedFetch('/app/x', { method: 'POST' }, server([no], asked))).status).toBe(403)
  expect(asked).toHaveLength(1)
})

test('without a token on the page none is sent', () => {
  document.head.innerHTML = ''
  expect(csrfToken()).toBe('')
})
