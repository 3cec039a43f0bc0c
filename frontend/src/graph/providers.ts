/** Who does a stage's work: a stage's model chooses among those who offer its tool. */

import type { Json, Provider, Tool, ToolParameter } from '../api/schema'

/** What comes with Reelgraph and draws drafts. */
const STUDIO = 'studio'
/** Where a model is and none is named. */
const ANY = new Set(['', 'auto'])

export interface ProviderChoice {
  readonly provider: Provider
  /** The model that makes it, where one is known. */
  readonly model: string
  readonly isDraft: boolean
}

/** The parameter that names a model, or null. As `model_argument` of tools/declaration/schema.py. */
export function modelParameter(tool: Tool): ToolParameter | null {
  return tool.parameters.find(({ name }) => name.toLowerCase().endsWith('model')) ?? null
}

/** Who is asked when a stage names this model; undefined: it names none, or one not yet known. */
export function doerOf(tool: Tool, named: Json | undefined): ProviderChoice | null {
  const usual = tool.providers[0]
  if (!usual) return null
  const fallback = modelParameter(tool)?.default
  const text = typeof named === 'string' ? named : typeof fallback === 'string' ? fallback : ''
  const model = ANY.has(text) ? '' : text
  const provider = tool.providers.find(({ models }) => models.includes(model)) ?? usual
  const isDraft = provider.name === STUDIO
  // A name that it does not make has it take its usual one, and say so.
  const made = provider.makes.includes(model) ? model : (provider.makes[0] ?? model)
  return { provider, model: isDraft ? '' : made, isDraft }
}

/** "by the built-in studio · draft quality", "by openai: gpt-image-2". */
export function saidOf({ provider, model, isDraft }: ProviderChoice): string {
  if (isDraft) return `by the built-in studio · draft quality`
  return model === '' ? `by ${provider.title}` : `by ${provider.title}: ${model}`
}
