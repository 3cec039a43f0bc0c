import { IDBFactory } from 'fake-indexeddb'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import 'fake-indexeddb/auto'
import type { Change } from '../api/schema'
import { emptyDoc } from './ops'
import { type Leftover, type Locks, Outbox, type OutboxOptions } from './outbox'
import { type History, Session } from './session'

/** The browser's lock manager: one holder a name, who waits is served in order. */
class LockManager implements Locks {
  private tails = new Map<string, Promise<unknown>>()
  private held = new Set<string>()

  async request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    callback: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown> {
    if (options.ifAvailable && this.held.has(name)) return callback(null)
    const before = this.tails.get(name) ?? Promise.resolve()
    const turn = before.then(async () => {
      options.signal?.throwIfAborted()
      this.held.add(name)
      try {
        return await callback({ name })
      } finally {
        this.held.delete(name)
      }
    })
    this.tails.set(
      name,
      turn.catch(() => {}),
    )
    return turn
  }
}

const NOTHING: History = { undo: [], redo: [] }
let factory: IDBFactory
let locks: LockManager
let open: Outbox[]

beforeEach(() => {
  factory = new IDBFactory()
  locks = new LockManager()
  open = []
})

afterEach(() => {
  for (const outbox of open) outbox.close()
  vi.useRealTimers()
})

async function page(clientId: string, more: Partial<OutboxOptions> = {}): Promise<Outbox> {
  const names = { templateId: 'tpl', userId: 'alice', clientId }
  const outbox = await Outbox.open({ ...names, indexedDB: factory, locks, ...more })
  open.push(outbox)
  return outbox
}

function change(id: string): Change {
  return { id, label: id, ops: [{ op: 'remove', table: 'stages', key: id }] }
}

function ids(left: Leftover): string[] {
  return left.pending.map(({ id }) => id)
}

test('what was unsent and undoable comes back after the page died', async () => {
  const first = await page('one')
  await first.takeOver()
  const session = new Session(emptyDoc(), 0)
  session.do('Add a', [{ op: 'put', table: 'stages', key: 'a', value: { x: 1 } }])
  session.do('Add b', [{ op: 'put', table: 'stages', key: 'b', value: {} }])
  session.undo()
  await first.save(session.pending, session.exportHistory())
  expect([first.isDurable, first.isWritten]).toEqual([true, true])
  first.close()

  const left = await (await page('two')).takeOver()
  expect(left.pending).toEqual(session.pending)
  const next = new Session(emptyDoc(), 0)
  next.adopt(left.pending)
  next.importHistory(left.history)
  expect(next.view).toEqual(session.view)
  expect([next.canUndo, next.canRedo]).toEqual(['Add a', 'Add b'])
})

test('saving keeps exactly what was named last, in its order', async () => {
  const first = await page('one')
  await first.save([change('b'), change('c')], NOTHING)
  await first.save([change('a'), change('b'), change('c'), change('d')], NOTHING)
  void first.save([change('a'), change('c')], NOTHING)
  await first.save([change('a'), change('c'), change('e')], NOTHING)
  first.close()
  expect(ids(await (await page('two')).takeOver())).toEqual(['a', 'c', 'e'])
})

test('a living page keeps its own, and a dead one is inherited once', async () => {
  const [living, dead] = [await page('living'), await page('dead')]
  await living.save([change('mine')], NOTHING)
  await dead.save([change('left')], NOTHING)
  dead.close()
  await vi.waitFor(async () => {
    const left = await (await page(`next-${open.length}`)).takeOver()
    expect(ids(left)).toEqual(['left'])
  })
  expect(ids(await (await page('late')).takeOver())).toEqual([])
})

test('a page that is open takes over when the one beside it dies', async () => {
  const [first, second] = [await page('first'), await page('second')]
  const heard: string[][] = []
  const session = new Session(emptyDoc(), 0)
  second.onInheritance((left) => {
    heard.push(ids(left))
    session.adopt(left.pending)
    void second.save(session.pending, session.exportHistory())
  })
  await first.save([change('x'), change('y')], NOTHING)
  await second.takeOver()
  first.close()
  await vi.waitFor(() => expect(heard).toEqual([['x', 'y']]))
  await vi.waitFor(() => expect(second.isWritten).toBe(true))
  second.close()
  await vi.waitFor(async () => {
    expect(ids(await (await page(`third-${open.length}`)).takeOver())).toEqual(['x', 'y'])
  })
})

test('another person and another template see nothing of it', async () => {
  const first = await page('one')
  await first.save([change('a')], NOTHING)
  first.close()
  const other = await page('two', { userId: 'bob' })
  const elsewhere = await page('three', { templateId: 'other' })
  expect([ids(await other.takeOver()), ids(await elsewhere.takeOver())]).toEqual([[], []])
})

test('without locks, a page is dead when its heartbeat is old, or when it said goodbye', async () => {
  let now = 1_000_000
  const clock = { locks: null, now: () => now }
  const [silent, polite] = [await page('silent', clock), await page('polite', clock)]
  await silent.save([change('s')], NOTHING)
  await polite.save([change('p')], NOTHING)
  polite.leave()
  await vi.waitFor(async () => {
    expect(ids(await (await page(`next-${open.length}`, clock)).takeOver())).toEqual(['p'])
  })
  now += 60_000
  expect(ids(await (await page('later', clock)).takeOver())).toContain('s')
})

test('without locks, no one takes from a page whose heartbeat is fresh', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let now = 1_000_000
  const clock = { locks: null, now: () => now }
  const taken = async () => ids(await (await page(`next-${open.length}`, clock)).takeOver())
  const first = await page('first', clock)
  first.onInheritance(() => {})
  await first.save([change('mine')], NOTHING)
  for (let seconds = 1; seconds <= 24; seconds += 1) {
    now += 1_000
    vi.advanceTimersByTime(1_000)
  }
  expect(await taken()).toEqual([])
  // It dies, and tells no one.
  vi.clearAllTimers()
  now += 10_000
  expect(await taken()).toEqual([])
  now += 10_000
  expect(await taken()).toEqual(['mine'])
})

test('without IndexedDB nothing is kept, and it says so', async () => {
  const none = await page('one', { indexedDB: null })
  expect(await none.takeOver()).toEqual({ pending: [], history: NOTHING })
  await none.save([change('a')], NOTHING)
  expect([none.isDurable, none.isWritten]).toEqual([false, false])
  expect(none.problem).toMatch(/doesn't store/)
})

test.each([
  [29, 1],
  [31, 0],
  [400, 0],
])('after %i days unsent changes are there, and %i steps of undo', async (days, steps) => {
  let now = 1_000_000
  const session = new Session(emptyDoc(), 0)
  session.do('Add a', [{ op: 'put', table: 'stages', key: 'a', value: {} }])
  const first = await page('one', { now: () => now, locks: null })
  await first.save(session.pending, session.exportHistory())
  now += days * 24 * 3_600_000
  const left = await (await page('two', { now: () => now, locks: null })).takeOver()
  expect([left.pending, left.history.undo.length]).toEqual([session.pending, steps])
})
