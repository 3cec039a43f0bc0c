import { describe, expect, test } from 'vitest'
import type { Doc, Op } from '../api/schema'
import { apply, applyAll, emptyDoc, keepIdentity, row } from './ops'
import { canonical, Random, randomOp, randomOps } from './random'

// Properties are held on thousands of sequences: a busy machine may take its time.
const LONG = { timeout: 60_000 }

function withStages(...keys: string[]): Doc {
  const ops = keys.map(
    (key): Op => ({ op: 'put', table: 'stages', key, value: { id: key, args: {} } }),
  )
  return applyAll(emptyDoc(), ops).doc
}

describe('on any sequence', () => {
  test('the inverse of an op takes it back', LONG, () => {
    for (let seed = 0; seed < 300; seed += 1) {
      const random = new Random(seed)
      let doc = applyAll(emptyDoc(), randomOps(random, 20)).doc
      for (let left = 20; left > 0; left -= 1) {
        const before = canonical(doc)
        const { doc: after, inverse } = apply(doc, randomOp(random))
        expect(canonical(applyAll(after, inverse).doc)).toBe(before)
        expect(canonical(doc)).toBe(before)
        doc = after
      }
    }
  })

  test('the inverse of the whole leads back to the start, and its inverse to the end', LONG, () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const random = new Random(seed)
      const start = applyAll(emptyDoc(), randomOps(random, 10)).doc
      const there = applyAll(start, randomOps(random, 30))
      const back = applyAll(there.doc, there.inverse)
      expect(canonical(back.doc)).toBe(canonical(start))
      expect(canonical(applyAll(back.doc, back.inverse).doc)).toBe(canonical(there.doc))
    }
  })

  test('order and records name the same keys, each once', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const random = new Random(seed)
      const { doc } = applyAll(emptyDoc(), randomOps(random, 60))
      for (const [name, table] of Object.entries(doc)) {
        if (name === 'format' || typeof table === 'number') continue
        expect([...table.order].sort()).toEqual(Object.keys(table.rows).sort())
      }
    }
  })
})

describe('ops on what is not there', () => {
  test('change nothing, and keep the document itself', () => {
    const doc = withStages('a', 'b')
    const nothing: Op[] = [
      { op: 'remove', table: 'stages', key: 'gone' },
      { op: 'remove', table: 'stages', key: 'constructor' },
      { op: 'remove', table: 'root', key: 'template' },
      { op: 'put', table: 'root', key: 'template', value: {} },
      { op: 'set', table: 'stages', key: 'gone', path: ['x'], value: 1 },
      { op: 'set', table: 'stages', key: 'a', path: ['args', 'prompt'] },
      { op: 'set', table: 'stages', key: 'a', path: ['id', 'x'], value: 1 },
      { op: 'order', table: 'stages', key: 'a', after: 'gone' },
      { op: 'order', table: 'stages', key: 'a', after: 'a' },
      { op: 'order', table: 'root', key: 'template', after: null },
    ]
    for (const op of nothing) expect(apply(doc, op)).toEqual({ doc, inverse: [] })
    expect(applyAll(doc, nothing).doc).toBe(doc)
  })

  test('nothing is found under names that every object inherits', () => {
    for (const key of ['__proto__', 'constructor', 'toString'])
      expect(row(emptyDoc(), 'stages', key)).toBeUndefined()
  })

  test('a table of a newer server changes nothing, and the other ops of its change do', () => {
    const unknown = { op: 'put', table: 'layers', key: 'a', value: 1 } as unknown as Op
    const known: Op = { op: 'put', table: 'notes', key: 'a', value: {} }
    const { doc, inverse } = applyAll(emptyDoc(), [unknown, known])
    expect(doc.notes.order).toEqual(['a'])
    expect(inverse).toEqual([{ op: 'remove', table: 'notes', key: 'a' }])
    expect(apply(doc, unknown)).toEqual({ doc, inverse: [] })
  })
})

describe('hostile names', () => {
  test('"__proto__" is a key and a field like any other', () => {
    const ops: Op[] = [
      { op: 'put', table: 'stages', key: '__proto__', value: { id: '__proto__' } },
      { op: 'set', table: 'stages', key: '__proto__', path: ['__proto__', 'polluted'], value: 1 },
    ]
    const { doc, inverse } = applyAll(emptyDoc(), ops)
    expect(doc.stages.order).toEqual(['__proto__'])
    expect(JSON.stringify(row(doc, 'stages', '__proto__'))).toBe(
      '{"id":"__proto__","__proto__":{"polluted":1}}',
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(canonical(applyAll(doc, inverse).doc)).toBe(canonical(emptyDoc()))
  })
})

describe('identity', () => {
  test('records and tables that no op touched are the same objects', () => {
    const doc = withStages('a', 'b')
    const set: Op = { op: 'set', table: 'stages', key: 'a', path: ['args', 'prompt'], value: 'x' }
    const { doc: after } = apply(doc, set)
    expect(after.nodes).toBe(doc.nodes)
    expect(after.stages.order).toBe(doc.stages.order)
    expect(row(after, 'stages', 'b')).toBe(row(doc, 'stages', 'b'))
    expect(row(after, 'stages', 'a')).not.toBe(row(doc, 'stages', 'a'))
  })

  test('writing what is there already changes nothing', () => {
    const doc = withStages('a', 'b')
    const same: Op[] = [
      { op: 'put', table: 'stages', key: 'a', value: { args: {}, id: 'a' } },
      { op: 'set', table: 'stages', key: 'b', path: ['args'], value: {} },
      { op: 'order', table: 'stages', key: 'b', after: 'a' },
    ]
    expect(applyAll(doc, same).doc).toBe(doc)
  })

  test('what a fresh copy says alike is taken from the old one', () => {
    const doc = withStages('a', 'b', 'c')
    const copy = JSON.parse(JSON.stringify(doc)) as Doc
    expect(keepIdentity(doc, copy)).toBe(doc)
    const { doc: changed } = apply(copy, {
      op: 'set',
      table: 'stages',
      key: 'b',
      path: ['x'],
      value: 1,
    })
    const kept = keepIdentity(doc, changed)
    expect(canonical(kept)).toBe(canonical(changed))
    expect(kept.notes).toBe(doc.notes)
    expect(kept.stages.order).toBe(doc.stages.order)
    expect(row(kept, 'stages', 'a')).toBe(row(doc, 'stages', 'a'))
  })
})

describe('order', () => {
  test.each<[string, string | null, string]>([
    ['a', 'c', 'bcad'],
    ['d', null, 'dabc'],
    ['c', 'a', 'acbd'],
    ['b', 'd', 'acdb'],
  ])('%s goes behind %s', (key, after, expected) => {
    const { doc } = apply(withStages('a', 'b', 'c', 'd'), {
      op: 'order',
      table: 'stages',
      key,
      after,
    })
    expect(doc.stages.order.join('')).toBe(expected)
  })

  test('a put of what is new is last, first, or behind another', () => {
    const put = (after?: string | null): string => {
      const op: Op = { op: 'put', table: 'stages', key: 'n', value: {} }
      if (after !== undefined) op.after = after
      return apply(withStages('a', 'b'), op).doc.stages.order.join('')
    }
    expect([put(), put(null), put('a'), put('gone')]).toEqual(['abn', 'nab', 'anb', 'abn'])
  })
})
