/** Text that someone brings in: a template in any shape it goes around in, or copied stages. */

import type { Doc, Json, JsonObject, Table } from '../api/schema'
import { readClipText } from '../canvas/connect/clip'
import { toDocument } from '../document/convert'
import { assign, isObject, own } from '../document/ops'
import { inputOf, readStage } from '../graph/documentReaders'
import { isTemplate, type ToolTable } from '../graph/tools'
import { listed } from '../graph/words'

/** The content of an import. spec: as a version keeps it. */
export interface Found {
  readonly type: 'template' | 'stages'
  readonly name: string
  readonly spec: JsonObject
  /** The templates that come with it, by how its stages name them; null: none. */
  readonly templates: Json
  readonly stages: number
  readonly inputs: number
  /** Notes for a person before taking it, in sentences. */
  readonly notes: readonly Note[]
}

export interface Note {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

export type Brought = Found | { readonly type: 'problem'; readonly text: string }

const MOST_BYTES = 8 * 1024 * 1024
const MOST_DEPTH = 60

/** Fields a spec keeps beside each other; what else a template brings is kept under `extra`. */
const SPEC_FIELDS = new Set([
  'name',
  'description',
  'brief',
  'category',
  'stability',
  'inputs',
  'stages',
  'outputs',
  'graph',
  'previewArtifacts',
  'estimatedCapacityUnits',
  'exposeToLLM',
  'llmPriority',
  'tags',
  'metadata',
  'reviewFocus',
  'estimatedCredits',
  'thumbnailUrl',
  'openMontageImport',
])
/** Fields that belong to a template on its server, not to its content. */
const SERVER_SET = new Set([
  'id',
  'version',
  'author',
  'visibility',
  'createdAt',
  'updatedAt',
  'clonedFromTemplateId',
  'moderation',
  'templates',
])
const DEFAULTS: JsonObject = {
  description: '',
  category: 'custom',
  stability: 'experimental',
  inputs: [],
  stages: [],
  exposeToLLM: false,
}

export function readTemplate(text: string, tools: ToolTable): Brought {
  if (text.trim() === '') return problem('The file is empty.')
  if (text.length > MOST_BYTES) return problem('The file is over 8 MB, too large for a template.')
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch (error) {
    return problem(wrong(text, error as Error))
  }
  if (isTooDeep(json)) return problem('The JSON is nested more than 60 levels deep.')
  if (!isObject(json))
    return problem(
      `This JSON is ${Array.isArray(json) ? 'a list' : 'a single value'}, not a template.`,
    )
  const content = unwrap(json)
  if (!Array.isArray(own(content, 'stages')))
    return problem("This JSON isn't a template: it has no “stages”.")
  const isClip = readClipText(text).type === 'stages'
  const spec = isClip ? fragment(content) : specOf(content)
  const templates = own(content, 'templates') ?? null
  const name = own(spec, 'name')
  const [stages, inputs] = [listOf(spec, 'stages'), listOf(spec, 'inputs')]
  return {
    type: isClip ? 'stages' : 'template',
    name: typeof name === 'string' && name.trim() ? name.trim() : 'Untitled template',
    spec,
    templates,
    stages: stages.length,
    inputs: inputs.length,
    notes: notesOn(stages, inputs, (tool) => isThere(tool, tools, templates)),
  }
}

/** The document it becomes. What is tried here stays for inputs and stages of the same name. */
export function documentOf(found: Found, now: Doc): Doc {
  const fresh = toDocument(found.spec)
  const filterTable = (table: Table, isMeant: (key: string) => boolean): Table => {
    const order = table.order.filter(isMeant)
    return { order, rows: Object.fromEntries(order.map((key) => [key, table.rows[key] as Json])) }
  }
  return {
    ...fresh,
    seeds: filterTable(now.seeds, (key) => Object.hasOwn(fresh.stages.rows, key)),
    values: filterTable(now.values, (key) => {
      // A picture is nothing to try a text with.
      return (
        inputOf(fresh, key).type !== null && inputOf(fresh, key).type === inputOf(now, key).type
      )
    }),
  }
}

/** A template as its server answers it is in an envelope, or in two. */
function unwrap(read: JsonObject): JsonObject {
  let content = read
  for (const wrapper of ['data', 'template', 'spec']) {
    const inner = own(content, wrapper)
    if (!Array.isArray(own(content, 'stages')) && isObject(inner)) content = inner
  }
  return content
}

function specOf(held: JsonObject): JsonObject {
  const spec: JsonObject = { ...DEFAULTS }
  const leftovers = own(held, 'extra')
  const extra: JsonObject = isObject(leftovers) ? { ...leftovers } : {}
  for (const [name, value] of Object.entries(held)) {
    if (value === null || SERVER_SET.has(name) || (name === 'extra' && isObject(value))) continue
    assign(SPEC_FIELDS.has(name) ? spec : extra, name, value)
  }
  if (Object.keys(extra).length > 0) spec.extra = extra
  return spec
}

/** Copied stages carry their places beside them. */
function fragment(held: JsonObject): JsonObject {
  const graph: JsonObject = {}
  for (const name of ['nodes', 'frames', 'notes']) graph[name] = listOf(held, name)
  return {
    ...DEFAULTS,
    name: '',
    inputs: listOf(held, 'inputs'),
    stages: listOf(held, 'stages'),
    graph,
  }
}

/** Tell whether a stage's tool is here, or comes along. */
function isThere(tool: string, tools: ToolTable, templates: Json): boolean {
  if (tools.get(tool)) return true
  const isBrought =
    isObject(templates) && own(templates, tool.replace('template:', '')) !== undefined
  return isTemplate(tool) && isBrought
}

function notesOn(
  stages: readonly Json[],
  inputs: readonly Json[],
  isKnown: (tool: string) => boolean,
): Note[] {
  const notes: Note[] = []
  const unknown = new Set<string>()
  let odd = 0
  let ids = 0
  const stageIds = new Set<string>()
  for (const record of stages) {
    const { type, tool, id } = readStage(record)
    if (type === null) odd += 1
    else if (tool !== '' && !isKnown(tool)) unknown.add(tool)
    if (id !== '' && stageIds.has(id)) ids += 1
    stageIds.add(id)
  }
  if (stages.length === 0) notes.push({ severity: 'warning', text: 'This template has no stages.' })
  if (unknown.size > 0) {
    const names = listed([...unknown], 6)
    const text =
      unknown.size === 1
        ? `${names} isn't available here, so its stage can't run.`
        : `${names} aren't available here, so their stages can't run.`
    notes.push({ severity: 'error', text })
  }
  if (odd > 0)
    notes.push({
      severity: 'error',
      text: `${countWords(odd, 'stage')} with errors, imported unchanged.`,
    })
  if (ids > 0)
    notes.push({
      severity: 'error',
      text: `${countWords(ids, 'stage')} with an id already in use.`,
    })
  const unread = inputs.filter((input) => !isObject(input)).length
  if (unread > 0)
    notes.push({
      severity: 'error',
      text: `${countWords(unread, 'input')} with errors, imported unchanged.`,
    })
  return notes
}

export function countWords(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`
}

/** "Line 3, character 14: a comma or a closing bracket is missing before …". */
function wrong(text: string, error: Error): string {
  const place = placeIn(text, error.message)
  if (!text.trimStart().startsWith('{') && !text.trimStart().startsWith('['))
    return "This isn't JSON. A template starts with “{”."
  if (place === null || place >= text.trimEnd().length)
    return 'The JSON is cut off. Copy it again, to the end.'
  const before = text.slice(0, place)
  const line = before.split('\n').length
  const column = place - before.lastIndexOf('\n')
  const near = text.slice(place, place + 24).split('\n')[0] ?? ''
  return `Invalid JSON at line ${line}, column ${column}: unexpected ${near.trim() ? `“${near.trim()}”` : 'end of line'}.`
}

/** Return the place where a parser stopped, as every browser words it. */
function placeIn(text: string, message: string): number | null {
  const position = /position (\d+)/.exec(message)
  if (position) return Number(position[1])
  const lineMatch = /line (\d+) column (\d+)/.exec(message)
  if (!lineMatch) return null
  const lines = text.split('\n').slice(0, Number(lineMatch[1]) - 1)
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(lineMatch[2]) - 1
}

function listOf(holder: JsonObject, name: string): Json[] {
  const value = own(holder, name)
  return Array.isArray(value) ? value : []
}

function isTooDeep(value: Json, depth = 0): boolean {
  if (depth > MOST_DEPTH) return true
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, depth + 1))
  return isObject(value) && Object.values(value).some((item) => isTooDeep(item, depth + 1))
}

function problem(text: string): Brought {
  return { type: 'problem', text }
}
