/** The providers of a stage's work: a stage's model chooses among those who offer its tool. */

import type { Json, Provider, ProviderModel, Tool, ToolParameter } from '../api/schema'

/** The provider that comes with Reelgraph and draws drafts. */
const STUDIO = 'studio'
/** Values of a model parameter that name no model. */
const ANY = new Set(['', 'auto'])

export interface ProviderChoice {
  readonly provider: Provider
  /** The name of the model that makes it, where one is known. */
  readonly model: string
  /** The facts of that model. */
  readonly facts: ProviderModel | null
  readonly isDraft: boolean
}

/** The parameter that names a model, or null. As `model_argument` of tools/declaration/schema.py. */
export function modelParameter(tool: Tool): ToolParameter | null {
  return tool.parameters.find(({ name }) => name.toLowerCase().endsWith('model')) ?? null
}

/** Return who does it with this model; undefined: the stage names none, or one not yet known. */
export function doerOf(tool: Tool, named: Json | undefined): ProviderChoice | null {
  const usual = tool.providers[0]
  if (!usual) return null
  const fallback = modelParameter(tool)?.default
  const text = typeof named === 'string' ? named : typeof fallback === 'string' ? fallback : ''
  const model = ANY.has(text) ? '' : text
  const provider = tool.providers.find(({ models }) => models.includes(model)) ?? usual
  // A name that it does not make has it take its usual one, and say so.
  const facts = provider.makes.find((one) => isNamed(one, model)) ?? provider.makes[0] ?? null
  const isDraft = facts?.isDraft ?? provider.isDraft
  return { provider, model: facts?.name ?? (isBuiltIn(provider) ? '' : model), facts, isDraft }
}

/** Return true if this is the name of a model, or another that chooses it. */
export function isNamed(model: ProviderModel, name: string): boolean {
  return model.name === name || model.also.includes(name)
}

/**
 * Return true if this names a model that no provider here makes final, and there are others that
 * one does. As `with_offered_model` of runs/admission/final_run.py.
 */
export function isMissing(tool: Tool, name: string): boolean {
  const provider = doerOf(tool, name)?.provider
  if (ANY.has(name) || !provider) return false
  const { isDraft, models } = provider
  if (!isDraft && (models.length === 0 || models.includes(name))) return false
  return tool.providers.some((one) => !one.isDraft && one.makes.length > 0)
}

export function isBuiltIn(provider: Provider): boolean {
  return provider.name === STUDIO
}

/** "by the built-in studio · draft quality", "Kling 3.0 Pro by fal". */
export function saidOf({ provider, model, facts, isDraft }: ProviderChoice): string {
  const title = facts?.title ?? model
  const who = isBuiltIn(provider) ? 'the built-in studio' : provider.title
  const words = title === '' ? `by ${who}` : `${title} by ${who}`
  return isDraft ? `${words} · draft quality` : words
}
