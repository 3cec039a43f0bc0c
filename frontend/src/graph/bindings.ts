/**
 * Binding texts: `$inputs.brief`, `$artifacts.keyframe.items[0].selectedVersion.url`, `$item`.
 * Twin of templates_app/graph/bindings.py; both read frontend/fixtures/bindings.json.
 *
 * A text that begins with `$` is a binding as a whole. `$$…` is the text `$…`; `$` before a digit or
 * a space, as in a price, is plain text.
 */

import type { Json } from '../api/schema'
import { isObject } from '../document/ops'

export type Root = 'inputs' | 'artifacts' | 'item' | 'run'
/** As they may be written, and what they are called here: the run has two names. */
const ROOTS: ReadonlyMap<string, Root> = new Map([
  ['inputs', 'inputs'],
  ['artifacts', 'artifacts'],
  ['item', 'item'],
  ['run', 'run'],
  ['runtime', 'run'],
])
const NAMED: ReadonlySet<string> = new Set(['inputs', 'artifacts', 'run'])

/** Deeper values are not entered; the server refuses them. */
export const DEPTH_LIMIT = 64

/** `[*]`: each element. */
export interface Every {
  readonly every: true
}
export const EVERY: Every = Object.freeze({ every: true })
export type Segment = string | number | Every

/** A binding that was read. name: its first field ("" for a bare `$item`); path: the rest. */
export interface Ref {
  readonly type: 'ref'
  readonly root: Root
  readonly name: string
  readonly path: readonly Segment[]
  readonly text: string
}

/** A part of a sentence. key: of a pattern that the server words. */
export interface Phrase {
  readonly key: string
  readonly params: Readonly<Record<string, string>>
}

/** A text that begins like a binding and is none. why: for the message. */
export interface Broken {
  readonly type: 'broken'
  readonly text: string
  readonly why: Phrase
}

/** Plain text. text: what it stands for, so `$$5` reads as `$5`. */
export interface Literal {
  readonly type: 'literal'
  readonly text: string
}

/** The way to a binding inside an argument's value; [] is the value itself. */
export type Place = readonly (string | number)[]

export interface Found {
  readonly read: Ref | Broken
  readonly place: Place
}

const SEGMENT = /\.(?<field>[^.[\]]*)|\[(?<index>[^[\]]*)(?<end>\]?)/uy
const INDEX = /^[0-9]{1,9}$/
// What Python calls a digit: decimal ones, and the raised, lowered and circled.
const DIGIT = /^[\p{Nd}²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒]/u

/** A text as a binding, as a broken one, or as the plain text it stands for. */
export function readText(text: string): Ref | Broken | Literal {
  if (!text.startsWith('$')) return { type: 'literal', text }
  if (text.startsWith('$$')) return { type: 'literal', text: text.slice(1) }
  const rest = text.slice(1)
  if (rest === '' || DIGIT.test(rest) || isSpace(rest)) return { type: 'literal', text }
  return parse(text)
}

/** Return true if a text begins with a space by Python's definition. */
function isSpace(text: string): boolean {
  const code = text.charCodeAt(0)
  if (code === 0xfeff) return false
  return /^\s/.test(text) || code === 0x85 || (code >= 0x1c && code <= 0x1f)
}

function parse(text: string): Ref | Broken {
  const root = /^\$([^.[\]]*)/u.exec(text)?.[1] ?? ''
  const kind = ROOTS.get(root)
  if (!kind) {
    const roots = [...ROOTS.keys()].map((name) => `$${name}`).join(', ')
    return broken(text, 'known_roots', { roots })
  }
  const path: Segment[] = []
  let at = root.length + 1
  while (at < text.length) {
    SEGMENT.lastIndex = at
    const groups = SEGMENT.exec(text)?.groups
    if (!groups) {
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      return broken(text, 'unexpected', { character })
    }
    at = SEGMENT.lastIndex
    const { field, index, end } = groups
    if (field !== undefined) {
      if (field === '') return broken(text, 'name_after_dot')
      path.push(field)
    } else if (!end) return broken(text, 'close_bracket')
    else if (index === '*') path.push(EVERY)
    else if (index !== undefined && INDEX.test(index)) path.push(Number(index))
    else return broken(text, 'position_or_all')
  }
  const first = path[0]
  if (typeof first === 'string')
    return { type: 'ref', root: kind, name: first, path: path.slice(1), text }
  if (NAMED.has(kind)) return broken(text, 'root_needs_name', { root })
  return { type: 'ref', root: kind, name: '', path, text }
}

function broken(text: string, key: string, params: Phrase['params'] = {}): Broken {
  return { type: 'broken', text, why: { key, params } }
}

/** A phrase in words, by the server's patterns, such as `close the {what}`. */
export function phraseWords(phrase: Phrase, patterns: Readonly<Record<string, string>>): string {
  const pattern = patterns[phrase.key] ?? ''
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => phrase.params[name] ?? '')
}

/** Every binding inside a JSON value, in order, with its place. */
export function findRefs(value: Json | undefined): Found[] {
  const refs: Found[] = []
  collect(value, [], refs)
  return refs
}

function collect(value: Json | undefined, place: Place, found: Found[]): void {
  if (typeof value === 'string') {
    if (!value.startsWith('$')) return
    const reference = readText(value)
    if (reference.type !== 'literal') found.push({ read: reference, place })
  } else if (place.length >= DEPTH_LIMIT) return
  else if (Array.isArray(value))
    for (const [at, part] of value.entries()) collect(part, [...place, at], found)
  else if (isObject(value))
    for (const [key, part] of Object.entries(value)) collect(part, [...place, key], found)
}

/** A value with its bindings replaced; undefined takes one out of its list or object. */
export function mapRefs(
  value: Json,
  change: (read: Ref | Broken, place: Place) => string | undefined,
  place: Place = [],
): Json | undefined {
  if (typeof value === 'string') {
    if (!value.startsWith('$')) return value
    const reference = readText(value)
    return reference.type === 'literal' ? value : change(reference, place)
  }
  if (place.length >= DEPTH_LIMIT) return value
  if (Array.isArray(value)) {
    let isChanged = false
    const parts: Json[] = []
    value.forEach((part, at) => {
      const next = mapRefs(part, change, [...place, at])
      if (next !== part) isChanged = true
      if (next !== undefined) parts.push(next)
    })
    // A list that held nothing else says nothing any more.
    if (isChanged && parts.length === 0) return undefined
    return isChanged ? parts : value
  }
  if (!isObject(value)) return value
  let isChanged = false
  const fields: [string, Json][] = []
  for (const [key, part] of Object.entries(value)) {
    const next = mapRefs(part, change, [...place, key])
    if (next !== part) isChanged = true
    if (next !== undefined) fields.push([key, next])
  }
  return isChanged ? Object.fromEntries(fields) : value
}

/** Return true if a binding can name it: no dots and no brackets. */
export function isBindable(name: string): boolean {
  return name !== '' && !/[.[\]]/.test(name)
}

/** The binding of an input. */
export function inputText(name: string): string {
  return `$inputs.${name}`
}

/** The binding of the file an artifact's stage made. */
export function artifactText(name: string, index = 0): string {
  return `$artifacts.${name}.items[${index}].selectedVersion.url`
}

/** The binding of all that an artifact's stage made, in order. */
export function everyText(name: string): string {
  return `$artifacts.${name}.items[*].selectedVersion.url`
}

/** A reference with another name and the same path. */
export function renameRef(ref: Ref, name: string): string {
  const head = `$${ref.root}.`
  return head + name + ref.text.slice(head.length + ref.name.length)
}

/** A text as an argument holds it when it is meant as it is: `$…` becomes `$$…`. */
export function asLiteral(text: string): string {
  return readText(text).type === 'literal' && !text.startsWith('$$') ? text : `$${text}`
}

/** A JSON value without bindings, its `$$` texts as the texts they stand for. */
export function plain(value: Json, depth = 0): Json {
  if (typeof value === 'string') {
    const reference = readText(value)
    return reference.type === 'literal' ? reference.text : value
  }
  if (depth >= DEPTH_LIMIT) return value
  if (Array.isArray(value)) return value.map((part) => plain(part, depth + 1))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, plain(part, depth + 1)]),
    )
  return value
}
