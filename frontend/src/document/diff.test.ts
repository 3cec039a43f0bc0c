import { expect, describe as group, test } from 'vitest'
import type { Doc, Op } from '../api/schema'
import { describe, diff } from './diff'
import { applyAll, emptyDoc } from './ops'
import { canonical, Random, randomOps } from './random'

// Properties are held on thousands of sequences: a busy machine may take its time.
const LONG = { timeout: 60_000 }

function made(...ops: Op[]): Doc {
  return applyAll(emptyDoc(), ops).doc
}

function stage(id: string, args: object = {}): Op {
  return { op: 'put', table: 'stages', key: id, value: { id, args: { ...args } } }
}

function node(stageId: string, x: number, y = 0): Op {
  return { op: 'put', table: 'nodes', key: stageId, value: { stageId, x, y } }
}

group('diff', () => {
  test('leads from any document to any other, and sees nothing between equal ones', LONG, () => {
    for (let seed = 0; seed < 1_000; seed += 1) {
      const random = new Random(seed)
      const from = applyAll(emptyDoc(), randomOps(random, 25)).doc
      const near = applyAll(from, randomOps(random, 6)).doc
      const far = applyAll(emptyDoc(), randomOps(random, 25)).doc
      for (const to of [near, far])
        expect(canonical(applyAll(from, diff(from, to)).doc)).toBe(canonical(to))
      expect(diff(from, JSON.parse(JSON.stringify(from)))).toEqual([])
    }
  })

  test('one changed argument is one op', () => {
    const from = made(stage('a', { prompt: 'a fox', width: 512 }))
    const to = made(stage('a', { prompt: 'an owl', width: 512 }))
    expect(diff(from, to)).toEqual([
      { op: 'set', table: 'stages', key: 'a', path: ['args', 'prompt'], value: 'an owl' },
    ])
  })
})

group('describe', () => {
  const before = made(
    stage('kept'),
    stage('moved'),
    stage('changed', { prompt: 'a fox', seed: 1 }),
    stage('gone'),
    node('moved', 0),
    node('changed', 0),
    node('$inputs', 0),
  )

  test('says what was added, removed, changed field by field, and moved', () => {
    const after = made(
      stage('new'),
      stage('kept'),
      stage('moved'),
      stage('changed', { prompt: 'an owl', width: 8 }),
      node('moved', 40, 8),
      node('changed', 12),
      node('kept', 5),
      node('new', 5),
      node('$inputs', 9),
    )
    const { stages, inputs } = describe(before, after)
    const x = { path: ['x'], old: 0, new: 40 }
    expect(Object.fromEntries(stages)).toEqual({
      gone: { kind: 'removed', fields: [] },
      new: { kind: 'added', fields: [] },
      moved: { kind: 'moved', fields: [x, { path: ['y'], old: 0, new: 8 }] },
      changed: {
        kind: 'changed',
        fields: [
          { path: ['args', 'prompt'], old: 'a fox', new: 'an owl' },
          { path: ['args', 'seed'], old: 1, new: undefined },
          { path: ['args', 'width'], old: undefined, new: 8 },
          { path: ['x'], old: 0, new: 12 },
        ],
      },
    })
    expect([...inputs]).toEqual([['$inputs', { kind: 'moved', fields: [{ ...x, new: 9 }] }]])
  })

  test('frames and notes move and change too', () => {
    const put = (table: 'frames' | 'notes', value: object): Op => {
      return { op: 'put', table, key: 'n', value: { ...value } }
    }
    const from = made(
      put('frames', { id: 'n', x: 1, width: 5 }),
      put('notes', { id: 'n', text: '' }),
    )
    const to = made(
      put('frames', { id: 'n', x: 2, width: 6 }),
      put('notes', { id: 'n', text: 'Hi' }),
    )
    const { frames, notes, stages } = describe(from, to)
    expect([frames.get('n')?.kind, notes.get('n')?.kind, stages.size]).toEqual([
      'moved',
      'changed',
      0,
    ])
  })
})
