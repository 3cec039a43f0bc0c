import { expect, it } from 'vitest'
import cases from '../../fixtures/suppliers.json'
import type { MediaKind } from '../api/schema'
import { converters, makers } from './suppliers'
import { TOOLS } from './testing'

it('are the tools that the server finds', () => {
  for (const { given, wanted, tools } of cases) {
    const kind = wanted as MediaKind
    const found = given ? converters(TOOLS, given as MediaKind, kind) : makers(TOOLS, kind)
    expect(
      found.map((tool) => tool.name),
      `${given} to ${wanted}`,
    ).toEqual(tools)
  }
})
