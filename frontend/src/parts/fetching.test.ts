import { expect, it, vi } from 'vitest'
import { Deferred, fetchRest } from './fetching'

const gone = () => Promise.reject(new TypeError('Failed to fetch'))

it('fetches a module once, for all who ask', async () => {
  const load = vi.fn(async () => ({ word: 'here' }))
  const late = new Deferred(load)
  const [one, two] = await Promise.all([late.get(), late.get()])
  expect(one).toBe(two)
  expect(await late.get()).toBe(one)
  expect(load).toHaveBeenCalledTimes(1)
})

it('asks again after a failure, and tells who listens each time', async () => {
  const load = vi.fn(gone)
  const late = new Deferred<unknown>(load)
  const heard = vi.fn()
  late.subscribe(heard)
  await expect(late.get()).rejects.toThrow('Failed to fetch')
  expect(late.now).toEqual({ module: null, failures: 1, isComing: false })
  load.mockResolvedValueOnce('it' as never)
  expect(await late.arrives()).toBe(true)
  expect(late.now.module).toBe('it')
  expect(heard).toHaveBeenCalledTimes(4)
})

it('asks for the rest only where one arrived, and for what failed once that is back', async () => {
  let isOnline = false
  const load = vi.fn(() => (isOnline ? Promise.resolve('it') : gone()))
  const parts = [1, 2, 3].map(() => new Deferred<unknown>(load))
  await fetchRest()
  expect(load).toHaveBeenCalledTimes(1)
  isOnline = true
  await fetchRest()
  expect(parts.map((late) => late.now.module)).toEqual(['it', 'it', 'it'])
})

it('fetches what a part that came asks for in turn', async () => {
  const inner: Deferred<string>[] = []
  new Deferred(async () => inner.push(new Deferred(async () => 'inner')))
  await fetchRest()
  expect(inner[0]?.now.module).toBe('inner')
})
