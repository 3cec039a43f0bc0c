/** Proposals of the server: made, kept until they are answered, and forgotten. */

import type { CallOptions } from '../api/http'
import type { JsonObject, NearTemplate } from '../api/schema'
import { api } from '../editor/api'
import { BOOT } from '../editor/store'
import type { KeptProposal, Proposal, Source } from './planTypes'

/** A language model is given five minutes. */
const COMPOSE_MS = 310_000
const KEPT = `/app/compose/${encodeURIComponent(BOOT.templateId)}`

/** template: a spec. Words for one with stages ask for a change of it; a plan replaces it. */
export function compose(
  words: Source & { brief: string; template: JsonObject },
  options: CallOptions,
): Promise<Proposal> {
  const body = { ...words, templateId: BOOT.templateId }
  return api.call('/app/compose', { timeoutMs: COMPOSE_MS, ...options, method: 'POST', body })
}

/** Return how often a template says words that would be replaced. template: a spec. */
export async function countMatches(
  body: { from: string; template: JsonObject; selection: readonly string[] },
  options: CallOptions,
): Promise<number> {
  const request = { ...options, method: 'POST', body } as const
  return (await api.call<{ count: number }>('/app/replacements', request)).count
}

/** Return the public templates nearest to a brief. */
export async function nearestTo(brief: string, options: CallOptions): Promise<NearTemplate[]> {
  const request = { ...options, method: 'POST', body: { brief } } as const
  const answer = await api.call<{ templates: NearTemplate[] }>('/app/templates/nearest', request)
  return answer.templates
}

/** My proposal for this template; null where there is none. */
export function keptProposal(): Promise<KeptProposal | null> {
  return api.call(KEPT)
}

/** Forget the proposal, and those that are still made of what was asked before. */
export function forgetProposal(): Promise<null> {
  return api.call(KEPT, { method: 'DELETE', keepalive: true })
}
