import { describe, expect, it } from 'vitest'
import type { Provider, ProviderModel, Tool } from '../../api/schema'
import { doerOf, isMissing, saidOf } from '../../chooser/providers'
import { modelOf } from '../../graph/testing'

const STUDIO = { name: 'studio', title: 'studio', makes: [], units: 1, isDraft: true }
const OPENAI = {
  name: 'openai',
  title: 'openai',
  makes: [modelOf('gpt-image-2'), modelOf('gpt-image-1', { title: 'GPT Image 1' })],
  units: 4,
  isDraft: false,
}

function tool(...providers: Provider[]): Tool {
  const model = { name: 'videoModel', default: undefined }
  return { providers, parameters: [{ name: 'prompt' }, model] } as unknown as Tool
}

function said(tools: Tool, model?: string): string {
  const doer = doerOf(tools, model)
  return doer ? saidOf(doer) : ''
}

describe('who does a stage', () => {
  const both = tool(
    { ...STUDIO, models: ['z-turbo'] },
    { ...OPENAI, models: ['gpt-image-2', 'gpt-image-1'] },
  )

  it('is the usual one when no model is named', () => {
    expect(said(both)).toBe('by the built-in studio · draft quality')
    expect(said(both, 'auto')).toBe('by the built-in studio · draft quality')
    expect(said(both, 'unheard-of')).toBe('by the built-in studio · draft quality')
  })

  it('is whom the model chooses', () => {
    expect(said(both, 'gpt-image-1')).toBe('GPT Image 1 by openai')
  })

  it('names the model that is really taken', () => {
    const chosen = tool(
      { ...OPENAI, models: ['gpt-image-2', 'gpt-image-1', 'z-turbo'] },
      { ...STUDIO, models: [] },
    )
    expect(said(chosen)).toBe('gpt-image-2 by openai')
    expect(said(chosen, 'z-turbo')).toBe('gpt-image-2 by openai')
  })

  it('says draft quality of a model that draws drafts, and of no other', () => {
    const makes: ProviderModel[] = [modelOf('fast', { isDraft: true }), modelOf('slow')]
    const service = tool({ ...OPENAI, makes, models: ['fast', 'slow'] })
    expect(said(service, 'fast')).toBe('fast by openai · draft quality')
    expect(said(service, 'slow')).toBe('slow by openai')
  })

  it('is no one where no one offers the tool', () => {
    expect(said(tool())).toBe('')
  })
})

describe('a model that no one here makes final', () => {
  const both = tool({ ...STUDIO, models: [] }, { ...OPENAI, models: ['gpt-image-2'] })

  it.each([
    ['flux2', both, true],
    ['gpt-image-2', both, false],
    ['', both, false],
    ['auto', both, false],
    ['flux2', tool({ ...OPENAI, models: ['gpt-image-2'] }), true],
    // A service that lists no models takes any name.
    ['flux2', tool({ ...OPENAI, models: [] }), false],
    // There is no other to change it for.
    ['flux2', tool({ ...STUDIO, models: [] }), false],
    ['flux2', tool(), false],
  ])('is missing where others are offered: %s', (name, tools, expected) => {
    expect(isMissing(tools, name)).toBe(expected)
  })
})
