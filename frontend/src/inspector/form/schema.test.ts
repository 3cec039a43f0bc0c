import { describe, expect, it } from 'vitest'
import fixture from '../../../fixtures/tools.json'
import type { Tool } from '../../api/schema'
import { modelParameter } from '../../chooser/providers'
import { kindOf } from './schema'

const TOOLS = fixture as unknown as Tool[]

describe('the kind of a field', () => {
  it('takes other values than those listed where none is listed, too', () => {
    expect(kindOf({ type: 'string', 'x-loose': true })).toBe('loose')
    expect(kindOf({ type: 'string', 'x-loose': true, examples: ['a'] })).toBe('loose')
    expect(kindOf({ type: 'string' })).toBe('text')
  })

  it('is that of a chooser for each model', () => {
    const models = TOOLS.map(modelParameter).filter((parameter) => parameter !== null)
    expect(models.map(({ name }) => name)).toContain('videoModel')
    expect(models.filter(({ schema, isLoose }) => !isLoose || kindOf(schema) !== 'loose')).toEqual(
      [],
    )
  })
})
