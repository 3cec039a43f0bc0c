import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Doc, JsonObject, Op } from '../api/schema'
import { toDocument, toSpec } from './convert'
import { diff } from './diff'
import { applyAll } from './ops'
import { canonical } from './random'

function cases<T>(name: string): T[] {
  const path = new URL(`../../fixtures/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(path, 'utf8')) as T[]
}

describe('what Python answers, so does this', () => {
  test('ops and their inverses', () => {
    const all = cases<{ from: Doc; ops: Op[]; to: Doc; undo: Op[] }>('ops')
    expect(all.length).toBeGreaterThan(20)
    for (const { from, ops, to, undo } of all) {
      const before = canonical(from)
      const { doc, inverse } = applyAll(from, ops)
      expect(canonical(doc)).toBe(canonical(to))
      expect(canonical(inverse)).toBe(canonical(undo))
      expect(canonical(applyAll(doc, inverse).doc)).toBe(before)
      expect(canonical(from)).toBe(before)
    }
  })

  test('specs and their documents', () => {
    const all = cases<{ spec: JsonObject; document: Doc }>('convert')
    expect(all.length).toBeGreaterThan(20)
    for (const { spec, document } of all) {
      const before = canonical(spec)
      expect(canonical(toDocument(spec))).toBe(canonical(document))
      expect(canonical(toSpec(document))).toBe(before)
      expect(canonical(spec)).toBe(before)
    }
  })

  test('what lies between two documents', () => {
    const all = cases<{ from: Doc; to: Doc; ops: Op[] }>('diff')
    expect(all.length).toBeGreaterThan(20)
    for (const { from, to, ops } of all) {
      const found = diff(from, to)
      expect(canonical(applyAll(from, found).doc)).toBe(canonical(to))
      // Fields come in the order of the record, which numbers among its names turn around here.
      expect(found.map((op) => canonical([op])).sort()).toEqual(
        ops.map((op) => canonical([op])).sort(),
      )
    }
  })
})
