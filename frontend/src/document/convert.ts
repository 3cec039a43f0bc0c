/**
 * A stored spec as a document, and back. Twin of templates_app/document_ops/convert.py.
 *
 * The way there and back is the identity for every JSON object, however odd: what no key tells
 * apart gets one of its own, and a value that is no list stays where it was.
 */

import type { Doc, Json, JsonObject, Table } from '../api/schema'
import { assign, emptyDoc, GRAPH, isObject, MAX_KEY, own, TEMPLATE } from './ops'

// Table and the field that names a record there. The lists of `graph` follow the spec's own.
const OF_TEMPLATE = [
  ['inputs', 'name'],
  ['stages', 'id'],
] as const
const OF_GRAPH = [
  ['nodes', 'stageId'],
  ['frames', 'id'],
  ['notes', 'id'],
] as const
// Keys that no field gave: this and the position.
const OPAQUE = '~'

/** The document of a stored spec. Seeds, values and the plan are empty: a spec has none. */
export function toDocument(spec: JsonObject): Doc {
  const tables: { -readonly [name in keyof Doc]: Doc[name] } = { ...emptyDoc() }
  const template = { ...spec }
  for (const [table, field] of OF_TEMPLATE) tables[table] = tableOf(template, table, field)
  const rows: Record<string, Json> = { [TEMPLATE]: template }
  const order = [TEMPLATE]
  const graph = own(template, 'graph')
  if (isObject(graph)) {
    delete template.graph
    const rest = { ...graph }
    for (const [table, field] of OF_GRAPH) tables[table] = tableOf(rest, table, field)
    order.push(GRAPH)
    rows[GRAPH] = rest
  }
  tables.root = { order, rows }
  return tables
}

/** The spec a document stands for. */
export function toSpec(doc: Doc): JsonObject {
  const template = own(doc.root.rows, TEMPLATE)
  const spec = isObject(template) ? { ...template } : {}
  for (const [table] of OF_TEMPLATE) give(spec, table, doc[table])
  const graph = own(doc.root.rows, GRAPH)
  const laidOut = isObject(graph) ? { ...graph } : {}
  for (const [table] of OF_GRAPH) give(laidOut, table, doc[table])
  if (graph !== undefined || Object.keys(laidOut).length > 0) spec.graph = laidOut
  return spec
}

/** The list as a table; it leaves [] behind in its holder, as a sign that there was one. */
function tableOf(holder: JsonObject, name: string, field: string): Table {
  const list = own(holder, name)
  const order: string[] = []
  const rows: Record<string, Json> = {}
  if (!Array.isArray(list)) return { order, rows }
  holder[name] = []
  list.forEach((record, place) => {
    const name = isObject(record) ? own(record, field) : undefined
    const key = isKey(name) && !Object.hasOwn(rows, name) ? name : `${OPAQUE}${place}`
    order.push(key)
    assign(rows, key, record)
  })
  return { order, rows }
}

function give(holder: JsonObject, name: string, table: Table): void {
  if (table.order.length > 0 || Array.isArray(own(holder, name)))
    holder[name] = table.order.map((key) => table.rows[key] as Json)
}

/** Length in characters, as Python counts them: an emoji is one. */
function isKey(value: Json | undefined): value is string {
  if (typeof value !== 'string' || value === '' || value.startsWith(OPAQUE)) return false
  return value.length <= MAX_KEY || [...value].length <= MAX_KEY
}
