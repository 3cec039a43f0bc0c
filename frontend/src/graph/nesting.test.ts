import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../api/schema'
import { readStage } from './documentReaders'
import { insideOf } from './nesting'
import { docOf, fixed, wired } from './testing'

const group = (id: string, subStages: JsonObject[], fields: JsonObject = {}): JsonObject => ({
  id,
  type: 'fixed',
  subStages,
  ...fields,
})
const SHOT = group('shot', [group('inner', [fixed('still', 'generate_image')]), fixed('clip', 'x')])

describe('stages inside a stage', () => {
  it('are listed in their order, with their depth', () => {
    const list = insideOf(readStage(SHOT)).map(({ stage, depth }) => [stage.id, depth])
    expect(list).toEqual([
      ['inner', 0],
      ['still', 1],
      ['clip', 0],
    ])
  })

  it('are counted below the title, after the tool of the stage', () => {
    const metaOf = (stage: JsonObject) => wired(docOf([stage])).nodes.get('shot')?.meta
    expect(metaOf(SHOT)).toBe('3 stages inside')
    expect(metaOf({ ...SHOT, tool: 'generate_image' })).toBe('Generate image, 3 stages inside')
    expect(metaOf({ ...SHOT, type: 'interactive' })).toBe('Your turn, 3 stages inside')
    expect(metaOf(group('shot', [fixed('a', 'generate_image')]))).toBe('1 stage inside')
  })

  it('are left out where they are no stages, and in a batch', () => {
    const odd = { ...SHOT, subStages: [5, { id: 'x' }, fixed('a', 'generate_image')] }
    expect(insideOf(readStage(odd))).toHaveLength(1)
    expect(insideOf(readStage({ ...SHOT, type: 'batch' }))).toEqual([])
  })
})
