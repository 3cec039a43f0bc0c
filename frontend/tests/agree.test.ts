/**
 * One half of tests/unit/templates_app/documents/test_both_languages_agree.py, which starts it:
 * reads sequences of ops, a JSON list a line, and writes what they come to, a hash a line.
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { JsonObject, Op } from '../src/api/schema'
import { toDocument, toSpec } from '../src/document/convert'
import { diff } from '../src/document/diff'
import { applyAll } from '../src/document/ops'
import { canonical } from '../src/document/random'

const from = process.env.REELGRAPH_SEQUENCES
const to = process.env.REELGRAPH_HASHES

test.skipIf(!from || !to)('every sequence comes to what Python says', { timeout: 120_000 }, () => {
  const lines = readFileSync(from as string, 'utf8').split('\n')
  const hashes = lines.filter(Boolean).map((line) => {
    const { spec, ops } = JSON.parse(line) as { spec: JsonObject; ops: Op[] }
    const start = toDocument(spec)
    const { doc, inverse } = applyAll(start, ops)
    const back = applyAll(doc, diff(doc, start)).doc
    expect(canonical(applyAll(doc, inverse).doc)).toBe(canonical(start))
    expect(canonical(back)).toBe(canonical(start))
    const all = [doc, inverse, toSpec(doc), back].map((value) => canonical(value))
    return createHash('sha256').update(`[${all.join()}]`).digest('hex')
  })
  writeFileSync(to as string, `${hashes.join('\n')}\n`)
})
