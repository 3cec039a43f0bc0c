import { describe, expect, it } from 'vitest'
import cases from '../../fixtures/layout.json'
import type { JsonObject } from '../api/schema'
import { toDocument } from '../document/convert'
import { row } from '../document/ops'
import { readStage } from './documentReaders'
import { sizeOf } from './geometry'
import { layOutMissing } from './layout'
import { wired } from './testing'
import { INPUTS } from './wiring'

describe('where nodes are that no one has placed', () => {
  it.each(cases.map((known) => [known.spec.name, known] as const))(
    "is in the columns of the server's pictures, from top to bottom: %s",
    (_, { spec, columns }) => {
      const doc = toDocument(spec as unknown as JsonObject)
      const id = (key: string) => (key === INPUTS ? key : readStage(row(doc, 'stages', key)).id)
      const found = new Map<number, [string, number][]>()
      for (const [key, { x, y }] of layOutMissing(doc, wired(doc)))
        found.set(x, [...(found.get(x) ?? []), [id(key), y]])
      const shown = [...found]
        .sort(([one], [other]) => one - other)
        .map(([x, nodes]) => [x, nodes.sort(([, a], [, b]) => a - b).map(([name]) => name)])
      expect(shown).toEqual(columns)
    },
  )

  it.each(cases.map((known) => [known.spec.name, known] as const))(
    'leaves room for the height that the server knows: %s',
    (_, { spec, heights }) => {
      const doc = toDocument(spec as unknown as JsonObject)
      const id = (key: string) => (key === INPUTS ? key : readStage(row(doc, 'stages', key)).id)
      const drawn = [...wired(doc).nodes].map(([key, node]) => [id(key), sizeOf(node).height])
      expect(Object.fromEntries(drawn)).toEqual(heights)
    },
  )
})
