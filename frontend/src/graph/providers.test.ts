import { describe, expect, it } from 'vitest'
import type { Provider, Tool } from '../api/schema'
import { doerOf, saidOf } from './providers'

const STUDIO = { name: 'studio', title: 'studio', makes: [], units: 1 }
const OPENAI = { name: 'openai', title: 'openai', makes: ['gpt-image-2', 'gpt-image-1'], units: 4 }

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
    expect(said(both, 'gpt-image-1')).toBe('by openai: gpt-image-1')
  })

  it('names the model that is really taken', () => {
    const chosen = tool(
      { ...OPENAI, models: ['gpt-image-2', 'gpt-image-1', 'z-turbo'] },
      { ...STUDIO, models: [] },
    )
    expect(said(chosen)).toBe('by openai: gpt-image-2')
    expect(said(chosen, 'z-turbo')).toBe('by openai: gpt-image-2')
  })

  it('is no one where no one offers the tool', () => {
    expect(said(tool())).toBe('')
  })
})
