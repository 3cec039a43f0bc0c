/** Text on the clipboard: what it is, and what of it this document may hold. */

import type { Json, JsonObject } from '../../api/schema'
import { isObject, own } from '../../document/ops'

const REFERENCE = /^reelgraph:(?:object|blob)\//

export type ClipText =
  | { readonly type: 'stages'; readonly value: Json }
  | { readonly type: 'template' }
  | { readonly type: 'words' }

/** Read pasted text. Stages were copied here; a template is in a file or in an answer. */
export function readClipText(text: string): ClipText {
  const start = text.trimStart()[0]
  if (start !== '{') return { type: 'words' }
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch {
    return { type: 'words' }
  }
  if (!isObject(json)) return { type: 'words' }
  if (own(json, 'reelgraph') === 1) return { type: 'stages', value: json }
  // A template as this server answers it is in an envelope.
  let content: JsonObject = json
  for (const wrapper of ['data', 'template']) {
    const inner: Json | undefined = own(content, wrapper)
    if (!Array.isArray(own(content, 'stages')) && isObject(inner)) content = inner
  }
  return Array.isArray(own(content, 'stages')) ? { type: 'template' } : { type: 'words' }
}

/** A copy without the media that are not known here, and how many those were. */
export function withoutForeign(
  value: Json,
  isKnown: (reference: string) => boolean,
): { value: Json; dropped: number } {
  const lostReferences = new Set<string>()
  const isLost = (part: Json): boolean => {
    if (typeof part !== 'string' || !REFERENCE.test(part) || isKnown(part)) return false
    lostReferences.add(part)
    return true
  }
  const clean = (part: Json): Json => {
    if (Array.isArray(part)) return part.filter((one) => !isLost(one)).map(clean)
    if (!isObject(part)) return part
    return Object.fromEntries(
      Object.entries(part)
        .filter(([, one]) => !isLost(one))
        .map(([key, one]) => [key, clean(one)]),
    )
  }
  return { value: clean(value), dropped: lostReferences.size }
}
