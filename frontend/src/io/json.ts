import type { Doc, Json, JsonObject } from '../api/schema'
import { toSpec } from '../document/convert'
import { isObject } from '../document/ops'

/**
 * The draft as the public API answers a template: unknown fields beside the known ones, media as
 * links. linkOf: of a reference, or null when it is kept as it is.
 */
export function templateJson(doc: Doc, linkOf: (reference: string) => string | null): JsonObject {
  const { extra, ...known } = toSpec(doc)
  const flat = isObject(extra) ? { ...extra, ...known } : known
  const withLinks = (value: Json): Json => {
    if (typeof value === 'string')
      return value.startsWith('reelgraph:') ? (linkOf(value) ?? value) : value
    if (Array.isArray(value)) return value.map(withLinks)
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withLinks(inner)]))
  }
  return withLinks(flat) as JsonObject
}
