import { describe, expect, test } from 'vitest'
import type { Change, Doc, Op, Recorded } from '../api/schema'
import { applyAll, emptyDoc, MAX_OPS, replay, row } from './ops'
import { canonical, Random, randomOps } from './random'
import { BURST_MS, Gap, MAX_UNDO, Session } from './session'

// Properties are held on thousands of sequences: a busy machine may take its time.
const LONG = { timeout: 60_000 }

/** Numbers changes as the server does: in the order of arrival, each id once. */
class Log {
  readonly entries: Recorded[] = []

  take(change: Change, clientId = 'c'): Recorded {
    const known = this.entries.find((entry) => entry.id === change.id)
    if (known) return known
    const actor = { id: clientId, name: clientId }
    const copy = JSON.parse(JSON.stringify(change)) as Change
    const entry = { ...copy, rev: this.entries.length + 1, clientId, actor, at: '' }
    this.entries.push(entry)
    return entry
  }
}

function counter(prefix: string): () => string {
  let last = 0
  return () => {
    last += 1
    return `${prefix}${last}`
  }
}

function put(key: string, value: Record<string, never> | object = {}): Op {
  return { op: 'put', table: 'stages', key, value: { ...value } }
}

function set(key: string, field: string, value?: string | number): Op {
  const op: Op = { op: 'set', table: 'stages', key, path: ['args', field] }
  return value === undefined ? op : { ...op, value }
}

function args(doc: Doc, key = 'a'): unknown {
  return (row(doc, 'stages', key) as { args?: unknown } | undefined)?.args
}

function started(clock = { now: 0 }): Session {
  const { doc } = applyAll(emptyDoc(), [put('a', { args: { prompt: 'old' } }), put('b')])
  return new Session(doc, 0, { newId: counter('m'), now: () => clock.now })
}

function exchange(log: Log, ...sessions: Session[]): void {
  for (const session of sessions) for (const change of session.send()) log.take(change)
  for (const session of sessions) session.receive(log.entries)
}

describe('doing', () => {
  test('what changes nothing is neither kept nor undone', () => {
    const session = started()
    expect(session.do('Nothing', [set('gone', 'x', 1), set('a', 'prompt', 'old')])).toBe(false)
    expect([session.pending.length, session.canUndo]).toEqual([0, null])
  })

  test('a thing too large for one change is one undo step all the same', () => {
    const session = started()
    const many = Array.from({ length: MAX_OPS + 1 }, (_, at) => put(`s${at}`))
    const large = Array.from({ length: 5 }, (_, at) => set('a', `t${at}`, 'x'.repeat(100_000)))
    const before = canonical(session.view)
    session.do('Paste', [...many, ...large])
    expect(session.pending.length).toBeGreaterThan(2)
    for (const { ops } of session.pending) {
      expect(ops.length).toBeLessThanOrEqual(MAX_OPS)
      expect(JSON.stringify(ops).length).toBeLessThan(256 * 1024)
    }
    session.undo()
    expect(canonical(session.view)).toBe(before)
    expect(session.redo()).toBe(true)
    expect(session.view.stages.order.length).toBe(MAX_OPS + 3)
  })

  test('listeners hear of each change until they stop', () => {
    const session = started()
    let heard = 0
    const stop = session.subscribe(() => {
      heard += 1
    })
    session.do('One', [set('a', 'x', 1)])
    stop()
    session.do('Two', [set('a', 'x', 2)])
    expect(heard).toBe(1)
  })
})

describe('bursts', () => {
  test('typing is one change and one undo step', () => {
    const session = started()
    for (const text of ['h', 'he', 'hel'])
      session.do('Prompt', [set('a', 'prompt', text)], { merge: 'a.prompt' })
    expect(session.pending.map(({ ops }) => ops)).toEqual([[set('a', 'prompt', 'hel')]])
    session.undo()
    expect(args(session.view)).toEqual({ prompt: 'old' })
    expect(session.canUndo).toBeNull()
  })

  test('typing goes on as one step after a part of it was sent', () => {
    const session = started()
    const log = new Log()
    session.do('Prompt', [set('a', 'prompt', 'h')], { merge: 'p' })
    exchange(log, session)
    session.do('Prompt', [set('a', 'prompt', 'he')], { merge: 'p' })
    expect(session.pending.length).toBe(1)
    session.undo()
    expect(args(session.view)).toEqual({ prompt: 'old' })
  })

  test('a new field that is typed and undone leaves nothing behind', () => {
    const session = started()
    session.do('Text', [set('b', 'text', 'h')], { merge: 't' })
    session.do('Text', [set('b', 'text', 'he')], { merge: 't' })
    session.undo()
    expect(row(session.view, 'stages', 'b')).toEqual({})
  })

  test.each<[string, (session: Session, clock: { now: number }) => void]>([
    ['a pause', (_, clock) => (clock.now += BURST_MS + 1)],
    ['its end', (session) => session.endMerge()],
    ['another deed', (session) => session.do('Other', [set('b', 'x', 1)])],
    ['an undo and redo', (session) => [session.undo(), session.redo()]],
  ])('%s begins a new step', (_, between) => {
    const clock = { now: 0 }
    const session = started(clock)
    session.do('Prompt', [set('a', 'prompt', 'h')], { merge: 'p' })
    between(session, clock)
    session.do('Prompt', [set('a', 'prompt', 'he')], { merge: 'p' })
    session.undo()
    expect(args(session.view)).toEqual({ prompt: 'h' })
  })

  test('the view is always the base with what is pending on top', LONG, () => {
    for (let seed = 0; seed < 1_000; seed += 1) {
      const random = new Random(seed)
      const start = applyAll(emptyDoc(), randomOps(random, 20)).doc
      const session = new Session(start, 0, { newId: counter('m') })
      for (let left = 8; left > 0; left -= 1)
        session.do('Burst', randomOps(random, 1 + random.below(4)), { merge: 'k' })
      expect(canonical(session.view)).toBe(canonical(replay(start, session.pending)))
      session.undo()
      expect(canonical(session.view)).toBe(canonical(start))
    }
  })
})

describe('undo and redo', () => {
  test('undoing everything leads back to the start, redoing all of it to the end', LONG, () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = new Random(seed)
      const start = applyAll(emptyDoc(), randomOps(random, 10)).doc
      const session = new Session(start, 0, { newId: counter('m') })
      for (let left = 25; left > 0; left -= 1) session.do('Thing', randomOps(random, 3))
      const end = canonical(session.view)
      while (session.undo());
      expect(canonical(session.view)).toBe(canonical(start))
      while (session.redo());
      expect(canonical(session.view)).toBe(end)
    }
  })

  test('undo touches my field alone', () => {
    const [mine, theirs] = [started(), new Session(started().view, 0, { newId: counter('t') })]
    const log = new Log()
    mine.do('Prompt', [set('a', 'prompt', 'new')])
    theirs.do('Seed', [set('a', 'seed', 2)])
    exchange(log, mine, theirs)
    mine.undo()
    exchange(log, mine, theirs)
    expect(args(theirs.view)).toEqual({ prompt: 'old', seed: 2 })
    expect(canonical(mine.view)).toBe(canonical(theirs.view))
  })

  test('what others took away already is passed over', () => {
    const [mine, theirs] = [started(), new Session(started().view, 0, { newId: counter('t') })]
    const log = new Log()
    mine.do('Seed', [set('a', 'seed', 1)])
    mine.do('Prompt', [set('b', 'prompt', 'x')])
    exchange(log, mine, theirs)
    theirs.do('Delete', [{ op: 'remove', table: 'stages', key: 'b' }])
    exchange(log, mine, theirs)
    expect(mine.undo()).toBe(true)
    expect(args(mine.view)).toEqual({ prompt: 'old' })
    expect(mine.canUndo).toBeNull()
  })

  test('a deed forgets what could be redone', () => {
    const session = started()
    session.do('One', [set('a', 'x', 1)])
    session.undo()
    expect(session.canRedo).toBe('One')
    session.do('Two', [set('a', 'x', 2)])
    expect(session.canRedo).toBeNull()
  })

  test('history comes through a reload, at most a thousand steps of it', () => {
    const session = started()
    for (let at = 0; at < MAX_UNDO + 5; at += 1) session.do(`Step ${at}`, [set('a', 'x', at)])
    session.undo()
    const log = new Log()
    exchange(log, session)
    const stored = JSON.parse(JSON.stringify([session.view, session.exportHistory()]))
    const next = new Session(stored[0], session.rev, { newId: counter('n') })
    next.importHistory(stored[1])
    expect(next.exportHistory().undo.length).toBe(MAX_UNDO - 1)
    expect([next.canUndo, next.canRedo]).toEqual(['Step 1003', 'Step 1004'])
    next.undo()
    expect(args(next.view)).toMatchObject({ x: 1_002 })
    next.redo()
    next.redo()
    expect(args(next.view)).toMatchObject({ x: 1_004 })
  })
})

describe('receiving', () => {
  test('my own first change leaves the view as it is', () => {
    const session = started()
    const log = new Log()
    session.do('One', [set('a', 'x', 1)])
    session.do('Two', [set('a', 'x', 2)])
    const view = session.view
    log.take(session.pending[0] as Change)
    session.receive(log.entries)
    expect(session.view).toBe(view)
    expect([session.rev, session.pending.length]).toEqual([1, 1])
    session.receive(log.entries)
    expect(session.rev).toBe(1)
  })

  test('what others did keeps the identity of records that it did not touch', () => {
    const [mine, theirs] = [started(), new Session(started().view, 0, { newId: counter('t') })]
    mine.do('Prompt', [set('a', 'prompt', 'new')])
    theirs.do('Other', [set('b', 'x', 1)])
    const before = row(mine.view, 'stages', 'a')
    const log = new Log()
    for (const change of theirs.send()) log.take(change)
    mine.receive(log.entries)
    expect(row(mine.view, 'stages', 'a')).toBe(before)
    expect(args(mine.view, 'b')).toEqual({ x: 1 })
  })

  test('a gap is told, after what came before it', () => {
    const log = new Log()
    for (const id of ['x', 'y', 'z']) log.take({ id, label: id, ops: [set('a', id, 1)] })
    const session = started()
    expect(() => session.receive([log.entries[2], log.entries[0]] as Recorded[])).toThrow(Gap)
    expect(session.rev).toBe(1)
    session.receive(log.entries)
    expect(session.rev).toBe(3)
  })

  test('a refused change is as if never done, and cannot be undone', () => {
    const session = started()
    session.do('Bad', [set('a', 'prompt', 'bad')])
    session.do('Good', [set('a', 'x', 1)])
    expect(session.reject('m1')?.label).toBe('Bad')
    expect(args(session.view)).toEqual({ prompt: 'old', x: 1 })
    session.undo()
    expect(session.canUndo).toBeNull()
    expect(session.reject('m1')).toBeNull()
  })

  test('a change that the opened document holds already is let go when acknowledged', () => {
    const left = started()
    left.do('Prompt', [set('a', 'prompt', 'mine')])
    const { doc } = applyAll(left.view, [set('a', 'prompt', 'theirs, later')])
    const session = new Session(doc, 7)
    session.adopt(left.pending)
    session.acknowledge('m1', 8)
    expect(session.pending.length).toBe(1)
    session.acknowledge('m1', 5)
    expect([session.pending.length, args(session.view)]).toEqual([0, { prompt: 'theirs, later' }])
  })

  test('a change that was left in an older form than it was sent in is taken as it was sent', () => {
    const session = started()
    session.adopt([{ id: 'q', label: 'Prompt', ops: [set('a', 'prompt', 'h')] }])
    const log = new Log()
    log.take({ id: 'q', label: 'Prompt', ops: [set('a', 'prompt', 'hello')] })
    session.receive(log.entries)
    expect([args(session.view), session.pending.length]).toEqual([{ prompt: 'hello' }, 0])
    session.adopt([{ id: 'q', label: 'Prompt', ops: [set('a', 'prompt', 'h')] }])
    expect(session.pending.length).toBe(0)
  })

  test('the document taken again keeps what is pending', () => {
    const session = started()
    session.do('Mine', [set('a', 'x', 1)])
    session.reset(started().view, 40)
    expect([session.rev, args(session.view)]).toEqual([40, { prompt: 'old', x: 1 }])
  })
})

test('three clients converge, whatever is sent twice, late, undone or redone', LONG, () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const random = new Random(seed)
    const log = new Log()
    const names = ['a', 'b', 'c']
    const sessions = names.map((name) => new Session(emptyDoc(), 0, { newId: counter(name) }))
    for (let left = 250; left > 0; left -= 1) {
      const session = random.pick(sessions)
      const roll = random.next()
      const merge = random.chance(0.3) ? { merge: 'k' } : {}
      if (roll < 0.45) session.do('Thing', randomOps(random, 1 + random.below(3)), merge)
      else if (roll < 0.53) session.undo()
      else if (roll < 0.58) session.redo()
      else if (roll < 0.72) {
        const some = random.below(4)
        for (const change of session.send((_, place) => place < some)) log.take(change)
      } else if (roll < 0.97) {
        const from = Math.max(0, session.rev - random.below(3))
        session.receive(log.entries.slice(from, session.rev + random.below(4)))
      } else session.reset(replay(emptyDoc(), log.entries), log.entries.length)
      if (roll >= 0.97) for (const { id, rev } of log.entries) session.acknowledge(id, rev)
    }
    exchange(log, ...sessions)
    const views = sessions.map((session) => canonical(session.view))
    expect(views).toEqual(names.map(() => canonical(replay(emptyDoc(), log.entries))))
    expect(sessions.map((session) => session.pending.length)).toEqual([0, 0, 0])
  }
})
