import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Change, Doc, Op, Recorded } from '../api/schema'
import { Api } from './api'
import { emptyDoc, replay, row } from './ops'
import { Outbox } from './outbox'
import { canonical, Random, randomOps } from './random'
import { Session } from './session'
import { FLUSH_MS, LONGEST_WAIT_MS, RETRY_MS, Sync } from './sync'

// Properties are held on thousands of sequences: a busy machine may take its time.
const LONG = { timeout: 60_000 }

type Fault = 'lose request' | 'lose answer' | 'twice' | number | (() => Response)

/** The server's side of a document, and a network that fails as it is told to. */
class Server {
  log: Recorded[] = []
  isDown = false
  refuses = new Set<string>()
  refusalCode = 'change.foreign_media'
  requests: string[] = []
  inFlight = 0
  mostInFlight = 0
  keepsAlive = 0
  /** Changes before this revision are no longer told one by one. */
  pruned = 0
  largest = Number.POSITIVE_INFINITY
  fault: () => Fault | null = () => null
  readonly start: Doc = replay(emptyDoc(), [
    { ops: [{ op: 'put', table: 'stages', key: 'a', value: { args: { prompt: 'old' } } }] },
  ])

  get doc(): Doc {
    return replay(this.start, this.log)
  }

  append(change: Change, clientId: string): Recorded {
    const known = this.log.find(({ id }) => id === change.id)
    if (known) return known
    const actor = { id: clientId, name: clientId }
    const recorded = { ...change, rev: this.log.length + 1, clientId, actor, at: '' }
    this.log.push(recorded)
    return recorded
  }

  after(rev: number): Recorded[] | null {
    return rev < this.pruned ? null : this.log.slice(rev)
  }

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const path = String(input)
    const method = init.method ?? 'GET'
    this.requests.push(`${method} ${path}`)
    if (init.keepalive) this.keepsAlive += 1
    else this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      await new Promise((done) => setTimeout(done, 10))
      const fault = this.fault()
      if (this.isDown || fault === 'lose request') throw new TypeError('fetch failed')
      if (typeof fault === 'number') return refusal(fault)
      if (typeof fault === 'function') return fault()
      const body = init.body ? JSON.parse(String(init.body)) : {}
      if (fault === 'twice') this.answer(method, path, body)
      const answer = this.answer(method, path, body)
      if (fault === 'lose answer') throw new TypeError('fetch failed')
      return answer
    } finally {
      if (!init.keepalive) this.inFlight -= 1
    }
  }

  private answer(
    method: string,
    path: string,
    body: { clientId: string; base: number; changes: Change[] },
  ) {
    const rev = this.log.length
    if (method === 'GET' && path.endsWith('/app/documents/tpl'))
      return answer({ id: 'tpl', rev, state: this.doc })
    if (method === 'GET')
      return answer({ rev, changes: this.after(Number(path.split('after=')[1])) })
    if (JSON.stringify(body.changes).length > this.largest) return refusal(413)
    const accepted = []
    const rejected = []
    for (const change of body.changes)
      if (this.refuses.has(change.label))
        rejected.push({ id: change.id, code: this.refusalCode, message: 'No.' })
      else accepted.push({ id: change.id, rev: this.append(change, body.clientId).rev })
    return answer({ rev: this.log.length, accepted, rejected, missed: this.after(body.base) })
  }
}

function answer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status })
}

function refusal(status: number): Response {
  const message = `It said ${status}.`
  return answer({ status: 'error', message, error: { code: `test.${status}`, message } }, status)
}

function set(field: string, value: string | number): Op {
  return { op: 'set', table: 'stages', key: 'a', path: ['args', field], value }
}

function args(doc: Doc): unknown {
  return (row(doc, 'stages', 'a') as { args: unknown }).args
}

let server: Server
let editors: Sync[]

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
  server = new Server()
  editors = []
})

afterEach(() => {
  for (const sync of editors) sync.stop()
  vi.useRealTimers()
})

async function editor(name = 'me', outbox?: Outbox) {
  const session = new Session(server.doc, server.log.length)
  const rejected: string[] = []
  const events = new EventTarget()
  const kept = { templateId: 'tpl', userId: name, clientId: name }
  const sync = new Sync({
    session,
    outbox: outbox ?? (await Outbox.open({ ...kept, indexedDB: null, locks: null })),
    api: new Api({ fetch: (input, init) => server.fetch(input, init) }),
    templateId: 'tpl',
    clientId: name,
    onRejected: (change, { code }) => rejected.push(`${change.label}: ${code}`),
    events: [events],
    random: () => 0.5,
  })
  editors.push(sync)
  await sync.start()
  return { session, sync, rejected, events }
}

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

describe('sending', () => {
  test('waits for a pause, then says Saved after the answer', async () => {
    const { session, sync } = await editor()
    session.do('Prompt', [set('prompt', 'new')])
    expect(sync.status).toMatchObject({ state: 'saving', pending: 1 })
    await pass(FLUSH_MS - 10)
    expect(server.requests).toEqual([])
    await pass(40)
    expect(sync.status).toMatchObject({ state: 'saved', pending: 0, reason: null })
    expect(args(server.doc)).toEqual({ prompt: 'new' })
  })

  test('typing without a pause is sent all the same, as few changes', async () => {
    const { session } = await editor()
    for (let at = 0; at < 50; at += 1) {
      session.do('Prompt', [set('prompt', 'x'.repeat(at))], { merge: 'p' })
      await pass(100)
    }
    expect(server.requests.length).toBeGreaterThanOrEqual(Math.floor(5_000 / LONGEST_WAIT_MS))
    expect(server.log.length).toBeLessThanOrEqual(4)
  })

  test('one request is on its way at a time, and flush waits for all of it', async () => {
    const { session, sync } = await editor()
    for (let at = 0; at < 250; at += 1) session.do('Step', [set('x', at)])
    const flushed = sync.flush()
    sync.catchUp()
    session.do('More', [set('x', 'more')])
    await pass(500)
    expect(await flushed).toBe(true)
    expect([server.mostInFlight, server.log.length]).toEqual([1, 251])
  })

  test('a page that goes sends what is pending on its way out', async () => {
    const { session, events } = await editor()
    session.do('Prompt', [set('prompt', 'last words')])
    events.dispatchEvent(new Event('pagehide'))
    events.dispatchEvent(new Event('pagehide'))
    await pass(20)
    expect([server.keepsAlive, server.log.length, session.pending.length]).toEqual([1, 1, 0])
  })
})

describe('a network that fails', () => {
  test('keeps the changes, says how many, and sends them when it is back', async () => {
    const { session, sync } = await editor()
    server.isDown = true
    for (const at of [1, 2, 3]) session.do('Step', [set('x', at)])
    await pass(400)
    expect(sync.status).toEqual({ state: 'offline', pending: 3, isKept: false, reason: 'network' })
    session.do('Step', [set('x', 4)])
    expect(sync.status.pending).toBe(4)
    server.isDown = false
    await pass(RETRY_MS + 100)
    expect([sync.status.state, server.log.length]).toEqual(['saved', 4])
  })

  test('is tried again at once when the browser is online', async () => {
    const { session, sync, events } = await editor()
    events.dispatchEvent(new Event('offline'))
    expect(sync.status.state).toBe('offline')
    server.append({ id: 'theirs', label: 'Theirs', ops: [set('y', 1)] }, 'them')
    session.do('Mine', [set('x', 1)])
    events.dispatchEvent(new Event('online'))
    await pass(100)
    expect(sync.status.state).toBe('saved')
    expect(args(session.view)).toEqual({ prompt: 'old', x: 1, y: 1 })
  })

  test('an answer that was lost, or given twice, doubles nothing', async () => {
    const { session } = await editor()
    const faults: Fault[] = ['lose answer', 'twice', 'lose request']
    server.fault = () => faults.shift() ?? null
    session.do('Add', [{ op: 'put', table: 'stages', key: 'n', value: {} }])
    await pass(400)
    expect([server.log.length, session.pending.length]).toEqual([1, 1])
    await pass(RETRY_MS)
    session.do('Add', [{ op: 'put', table: 'stages', key: 'm', value: {} }])
    await pass(3 * RETRY_MS)
    expect([server.log.length, session.pending.length]).toEqual([2, 0])
    expect(canonical(session.view)).toBe(canonical(server.doc))
  })

  test.each([
    [401, 'offline', 'signed-out'],
    [403, 'offline', 'forbidden'],
    [404, 'offline', 'gone'],
    [507, 'offline', 'full'],
    [503, 'saving', 'busy'],
    [409, 'saving', 'busy'],
  ])('%i keeps the change and says %s, %s', async (status, state, reason) => {
    const { session, sync, rejected, events } = await editor()
    server.fault = () => status
    session.do('Mine', [set('x', 1)])
    await pass(400)
    expect(sync.status).toMatchObject({ state, pending: 1, reason })
    server.fault = () => null
    await pass(60_000)
    if (reason === 'gone') {
      expect(sync.status.state).toBe('offline')
      events.dispatchEvent(new Event('online'))
      await pass(100)
    }
    expect([sync.status.state, server.log.length, rejected]).toEqual(['saved', 1, []])
  })
})

describe('a proxy that answers for itself', () => {
  const answers = [200, 400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 504].flatMap((status) =>
    ['<html><h1>No</h1></html>', 'No', '{"message": "No"}', '[]'].map(
      (body) => [status, body] as const,
    ),
  )

  test.each(answers)('%i %s takes no edit back and says no false word', async (status, body) => {
    const { session, sync, rejected } = await editor()
    session.do('Prompt', [set('prompt', 'new')])
    session.do('Seed', [set('seed', 7)])
    server.fault = () => () => new Response(body, { status })
    await pass(FLUSH_MS + RETRY_MS)
    expect(sync.status).toMatchObject({ state: 'offline', pending: 2, reason: 'network' })
    server.fault = () => null
    await pass(2 * RETRY_MS)
    expect(sync.status).toMatchObject({ state: 'saved', pending: 0 })
    expect(rejected).toEqual([])
    expect(args(server.doc)).toEqual({ prompt: 'new', seed: 7 })
  })

  test('one that takes small bodies alone gets the changes in parts', async () => {
    const { session, sync } = await editor()
    for (let at = 0; at < 40; at += 1) session.do('Step', [set('x', at)])
    const send = server.fetch
    server.fetch = async (input, init) =>
      String(init?.body ?? '').length > 2_000
        ? new Response('<h1>Too large</h1>', { status: 413 })
        : send(input, init)
    await pass(20 * RETRY_MS)
    expect(sync.status).toMatchObject({ state: 'saved', pending: 0 })
    expect(args(server.doc)).toMatchObject({ x: 39 })
  })
})

describe('refusals', () => {
  test('a refused change is taken out and told of; the others are saved', async () => {
    const { session, rejected } = await editor()
    server.refuses.add('Bad')
    session.do('Good', [set('x', 1)])
    session.do('Bad', [set('prompt', 'theirs')])
    session.do('Good', [set('y', 1)])
    await pass(400)
    expect(rejected).toEqual(['Bad: change.foreign_media'])
    expect(args(session.view)).toEqual({ prompt: 'old', x: 1, y: 1 })
    expect(canonical(session.view)).toBe(canonical(server.doc))
  })

  test('a batch that is too large goes in parts, and only what is too large alone is refused', async () => {
    const { session, rejected } = await editor()
    server.largest = 5_000
    for (let at = 0; at < 20; at += 1) session.do('Small', [set(`x${at}`, 'y'.repeat(400))])
    session.do('Huge', [set('huge', 'y'.repeat(6_000))])
    session.do('Small', [set('last', 1)])
    await pass(2_000)
    expect([session.pending.length, server.log.length]).toEqual([0, 21])
    expect(rejected).toEqual(['Huge: test.413'])
  })
})

describe('others', () => {
  test('the next change is taken from the socket, a later one makes it ask', async () => {
    const { session, sync } = await editor()
    const [one, two, three] = [1, 2, 3].map((at) =>
      server.append({ id: `t${at}`, label: 'Theirs', ops: [set('x', at)] }, 'them'),
    ) as [Recorded, Recorded, Recorded]
    sync.hear(one)
    expect([session.rev, server.requests.length]).toEqual([1, 0])
    sync.hear(three)
    await pass(50)
    expect(session.rev).toBe(3)
    sync.hear(two)
    sync.hearRev(3)
    await pass(50)
    expect(server.requests).toEqual(['GET /app/documents/tpl/changes?after=1'])
  })

  test('when too much was missed, the document is taken again with what is pending on top', async () => {
    const { session } = await editor()
    for (let at = 0; at < 5; at += 1)
      server.append({ id: `t${at}`, label: 'Theirs', ops: [set('x', at)] }, 'them')
    server.pruned = 4
    session.do('Mine', [set('prompt', 'mine')])
    await pass(1_000)
    expect([session.rev, session.pending.length]).toEqual([6, 0])
    expect(args(session.view)).toEqual({ prompt: 'mine', x: 4 })
  })

  test('a server that lost its last revisions is followed, and gets what is pending', async () => {
    const { session } = await editor()
    for (const at of [1, 2, 3]) {
      session.do('Mine', [set('x', at)])
      await pass(400)
    }
    server.log = server.log.slice(0, 1)
    session.do('Mine', [set('y', 1)])
    await pass(1_000)
    expect(args(server.doc)).toEqual({ prompt: 'old', x: 1, y: 1 })
    expect(canonical(session.view)).toBe(canonical(server.doc))
    expect([session.rev, session.pending.length]).toEqual([2, 0])
  })

  test('three people converge over a network that does everything wrong', LONG, async () => {
    for (let seed = 0; seed < 8; seed += 1) {
      server = new Server()
      const random = new Random(seed)
      const wrong: Fault[] = ['lose answer', 'lose request', 'twice', 503, 429]
      server.fault = () => (random.chance(0.4) ? random.pick(wrong) : null)
      const people = [await editor('a'), await editor('b'), await editor('c')]
      for (let left = 120; left > 0; left -= 1) {
        const { session, sync } = random.pick(people)
        const roll = random.next()
        if (roll < 0.6) session.do('Thing', randomOps(random, 2))
        else if (roll < 0.7) session.undo()
        else if (roll < 0.75) session.redo()
        else if (server.log.length > 0 && roll < 0.9) sync.hear(random.pick(server.log))
        else if (roll < 0.92) server.isDown = random.chance(0.5)
        await pass(random.below(400))
      }
      server.fault = () => null
      server.isDown = false
      await pass(40_000)
      for (const { sync } of people) sync.catchUp()
      await pass(1_000)
      const expected = canonical(server.doc)
      for (const { session, sync } of people) {
        expect(sync.status).toMatchObject({ state: 'saved', pending: 0 })
        expect(canonical(session.view)).toBe(expected)
      }
      expect(new Set(server.log.map(({ id }) => id)).size).toBe(server.log.length)
      for (const { sync } of people) sync.stop()
    }
  })
})

describe('a server of another release', () => {
  test('makes a page that does not know its ops ask for a reload, once', async () => {
    const { session, sync } = await editor()
    const ops = [{ op: 'put', table: 'sounds', key: 'a', value: {} } as unknown as Op]
    const theirs = server.append({ id: 'theirs', label: 'Theirs', ops }, 'them')
    sync.hear(theirs)
    await pass(100)
    expect(sync.status).toMatchObject({ state: 'offline', reason: 'outdated' })
    const asked = server.requests.length
    session.do('Mine', [set('x', 1)])
    sync.hear(theirs)
    sync.hearRev(1)
    await pass(60_000)
    expect(sync.status).toMatchObject({ pending: 1, reason: 'outdated' })
    expect([server.requests.length, session.rev]).toEqual([asked, 0])
  })

  test('is sent by the next page what it could not read, and may refuse it then', async () => {
    vi.useRealTimers()
    const kept = { templateId: 'tpl', userId: 'me', indexedDB: new IDBFactory(), locks: null }
    const next = (clientId: string, age: number) =>
      Outbox.open({ ...kept, clientId, now: () => Date.now() + age })
    server.refusalCode = 'change.unreadable'
    server.refuses.add('Plan')
    const first = await editor('one', await next('one', 0))
    first.session.do('Good', [set('x', 1)])
    first.session.do('Plan', [set('y', 1)])
    await first.sync.flush()
    const status = { state: 'offline', pending: 1, isKept: true, reason: 'outdated' }
    await vi.waitFor(() => expect(first.sync.status).toEqual(status))
    expect([first.rejected, args(server.doc)]).toEqual([[], { prompt: 'old', x: 1 }])

    const second = await editor('two', await next('two', 60_000))
    expect(args(second.session.view)).toEqual({ prompt: 'old', x: 1, y: 1 })
    await second.sync.flush()
    expect(second.rejected).toEqual(['Plan: change.unreadable'])
    expect(second.sync.status).toMatchObject({ state: 'saved', pending: 0 })
  })
})

test('what was typed offline is sent by the next page, and can be undone there', async () => {
  vi.useRealTimers()
  const indexedDB = new IDBFactory()
  const kept = { templateId: 'tpl', userId: 'me', indexedDB, locks: null }
  server.isDown = true
  const first = await editor('one', await Outbox.open({ ...kept, clientId: 'one' }))
  first.session.do('Prompt', [set('prompt', 'typed offline')])
  await first.sync.flush()
  // Not before it is written there.
  const told = { state: 'offline', pending: 1, isKept: true, reason: 'network' }
  await vi.waitFor(() => expect(first.sync.status).toEqual(told))

  server.isDown = false
  const later = { now: () => Date.now() + 60_000 }
  const second = await editor('two', await Outbox.open({ ...kept, ...later, clientId: 'two' }))
  expect(args(second.session.view)).toEqual({ prompt: 'typed offline' })
  expect(await second.sync.flush()).toBe(true)
  second.session.undo()
  await second.sync.flush()
  expect(args(server.doc)).toEqual({ prompt: 'old' })
})

test('what a page beside it could not send is kept until the server has it', async () => {
  const kept = { templateId: 'tpl', userId: 'me', indexedDB: new IDBFactory(), locks: null }
  const page = async (clientId: string) => {
    const outbox = await Outbox.open({ ...kept, clientId })
    const opened = await editor(clientId, outbox)
    const die = async () => {
      await vi.waitFor(() => expect(outbox.isWritten).toBe(true))
      opened.sync.stop()
      outbox.close()
    }
    return { ...opened, die }
  }
  const [beside, open] = [await page('beside'), await page('open')]
  server.isDown = true
  beside.session.do('Prompt', [set('prompt', 'typed offline')])
  await beside.die()
  // It looks every ten seconds.
  await pass(10_000)
  await vi.waitFor(() => expect(args(open.session.view)).toEqual({ prompt: 'typed offline' }))
  await open.die()

  const next = await page('next')
  expect([next.session.pending.length, next.session.canUndo]).toEqual([1, 'Prompt'])
  server.isDown = false
  await pass(RETRY_MS)
  expect([args(server.doc), next.session.pending]).toEqual([{ prompt: 'typed offline' }, []])
  await next.die()

  const last = await page('last')
  expect([last.session.pending, last.session.canUndo]).toEqual([[], 'Prompt'])
})
