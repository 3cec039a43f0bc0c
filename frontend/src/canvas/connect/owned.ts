/** Media that a template names on this server: kept when they are this person's, else left out. */

import type { Json } from '../../api/schema'
import type { Api } from '../../document/api'
import { isObject } from '../../document/ops'
import { withoutForeign } from './clip'

const REFERENCE = /^reelgraph:(?:object|blob)\/[^/]+\/[^/]+$/
/** The number of pages of a person's media that are looked through. */
const PAGES = 12

/** known: references of the document. links: these by the path of their link. */
export interface Here {
  readonly known: ReadonlySet<string>
  readonly links: ReadonlyMap<string, string>
  readonly api: Pick<Api, 'media'>
  readonly host: string
}

/**
 * The value with signed links to this server as references, and without what neither the document
 * nor the person has. dropped: how many different media those were.
 */
export async function withOwnMedia(
  value: Json,
  { known, links, api, host }: Here,
): Promise<{ value: Json; dropped: number }> {
  const referring = asReferences(value, links, host)
  const unknownReferences = new Set(
    [...referencesIn(referring)].filter((reference) => !known.has(reference)),
  )
  const mine = await ownReferences(unknownReferences, api)
  return withoutForeign(referring, (reference) => known.has(reference) || mine.has(reference))
}

/** References anywhere in a value. */
export function referencesIn(value: Json): Set<string> {
  const all = new Set<string>()
  const look = (part: Json): void => {
    if (typeof part === 'string') {
      if (REFERENCE.test(part)) all.add(part)
    } else if (Array.isArray(part)) for (const one of part) look(one)
    else if (isObject(part)) for (const one of Object.values(part)) look(one)
  }
  look(value)
  return all
}

/** A link of ours is dead within a day, a reference is not. */
function asReferences(value: Json, links: Here['links'], host: string): Json {
  if (typeof value === 'string') return referenceOf(value, links, host) ?? value
  if (Array.isArray(value)) return value.map((one) => asReferences(one, links, host))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, asReferences(one, links, host)]),
  )
}

function referenceOf(text: string, links: Here['links'], host: string): string | null {
  if (!/^(https?:\/)?\/[^\s]+$/.test(text) || !text.includes('/media/')) return null
  let url: URL
  try {
    url = new URL(text, `http://${host || 'localhost'}`)
  } catch {
    return null
  }
  if (url.host !== host) return null
  const reference = links.get(url.pathname)
  if (reference) return reference
  const [, id, name] =
    /^\/media\/(?:t\/\d+\/)?([A-Za-z0-9_-]+)(?:\/([A-Za-z0-9._-]+))?$/.exec(url.pathname) ?? []
  return id ? `reelgraph:object/${id}/${name ?? 'medium'}` : null
}

async function ownReferences(
  wanted: ReadonlySet<string>,
  api: Pick<Api, 'media'>,
): Promise<Set<string>> {
  const mine = new Set<string>()
  let before: string | null = null
  for (let page = 0; page < PAGES && mine.size < wanted.size; page += 1) {
    const answer: Awaited<ReturnType<Api['media']>> = await api.media({ before })
    for (const { reference } of answer.media) if (wanted.has(reference)) mine.add(reference)
    before = answer.next
    if (before === null) break
  }
  return mine
}
