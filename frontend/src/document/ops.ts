/**
 * The one way a document changes. Twin of templates_app/document_ops/ops.py; both read the fixtures in
 * frontend/fixtures/ops.json.
 *
 * An op is plain JSON and total: one whose target is gone changes nothing. Every op has an inverse,
 * computed on the document it was applied to.
 */

import type { Doc, Json, JsonObject, Op, Table, TableName } from '../api/schema'

export const TABLES = [
  'root',
  'inputs',
  'stages',
  'nodes',
  'frames',
  'notes',
  'seeds',
  'values',
  'plan',
] as const satisfies readonly TableName[]

const KINDS: readonly string[] = ['put', 'remove', 'set', 'order'] satisfies Op['op'][]

/** The record of `root` that is always there, and the one beside it. */
export const TEMPLATE = 'template'
export const GRAPH = 'graph'

export const MAX_OPS = 500
/** The limit of the JSON text of one change's ops. */
export const MAX_BYTES = 256 * 1024
export const MAX_KEY = 200

/** inverse: what takes the ops back, applied in order. The same doc and [] when nothing changed. */
export interface Applied {
  doc: Doc
  inverse: Op[]
}

/** The document of a template that says nothing yet. */
export function emptyDoc(): Doc {
  const empty: Table = { order: [], rows: {} }
  return {
    format: 1,
    root: { order: [TEMPLATE], rows: { [TEMPLATE]: {} } },
    inputs: empty,
    stages: empty,
    nodes: empty,
    frames: empty,
    notes: empty,
    seeds: empty,
    values: empty,
    plan: empty,
  }
}

/** The record, or undefined. A plain `rows[key]` would find "constructor" in an empty table. */
export function row(doc: Doc, table: TableName, key: string): Json | undefined {
  return own(doc[table].rows, key)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field's own value, or undefined: nothing inherited from Object. */
export function own<V>(object: Readonly<Record<string, V>>, key: string): V | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Return true if two JSON values say the same; the order of an object's fields says nothing. */
export function same(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false
    return one.every((item, at) => same(item, other[at]))
  }
  if (!isObject(one) || !isObject(other)) return false
  const keys = Object.keys(one)
  if (keys.length !== Object.keys(other).length) return false
  return keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
}

/** Return false for an op that only another release knows. */
export function isKnown({ op, table }: Op): boolean {
  return KINDS.includes(op) && TABLES.includes(table)
}

export function apply(doc: Doc, op: Op): Applied {
  return applyAll(doc, [op])
}

/** Apply in order. Tables and records that no op touched keep their identity. */
export function applyAll(doc: Doc, ops: readonly Op[]): Applied {
  const draft = new Draft(doc)
  const inverses: Op[][] = []
  for (const op of ops) {
    const inverse = draft.apply(op)
    if (inverse.length > 0) inverses.push(inverse)
  }
  return { doc: draft.finish(), inverse: inverses.reverse().flat() }
}

/** Apply the ops of many changes, one copy of a table for all of them. No inverses. */
export function replay(doc: Doc, changes: Iterable<{ readonly ops: readonly Op[] }>): Doc {
  const draft = new Draft(doc)
  for (const change of changes) for (const op of change.ops) draft.apply(op)
  return draft.finish()
}

/** A field's value set in an object of our own; "__proto__" is a field like any other. */
export function assign<V>(object: Record<string, V>, key: string, value: V): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  else object[key] = value
}

/** Copies a table the first time it changes, then works on that copy: many ops cost one copy. */
class Draft {
  private orders = new Map<TableName, string[]>()
  private rows = new Map<TableName, Record<string, Json>>()

  constructor(private readonly doc: Doc) {}

  finish(): Doc {
    if (this.orders.size === 0 && this.rows.size === 0) return this.doc
    const next: { format: 1 } & Record<TableName, Table> = { ...this.doc }
    for (const table of TABLES)
      if (this.orders.has(table) || this.rows.has(table))
        next[table] = { order: this.order(table), rows: this.read(table) }
    return next
  }

  apply(op: Op): Op[] {
    // A table of a newer server, of which this page knows nothing.
    if (!Object.hasOwn(this.doc, op.table)) return []
    if (op.table === 'root' && op.op !== 'set' && (op.key !== GRAPH || op.op === 'order')) return []
    switch (op.op) {
      case 'put':
        return this.put(op)
      case 'remove':
        return this.remove(op)
      case 'set':
        return this.set(op)
      case 'order':
        return this.move(op)
      default:
        return []
    }
  }

  private put(op: Extract<Op, { op: 'put' }>): Op[] {
    const { table, key, value } = op
    // The graph always is behind the template: an order of two says nothing.
    const anchor = table === 'root' ? undefined : op.after
    const order = this.order(table)
    const old = own(this.read(table), key)
    if (old === undefined) {
      const at = anchor === null ? 0 : order.indexOf(anchor ?? '') + 1
      const isAsked = anchor === null || at > 0
      assign(this.write(table), key, value)
      this.writeOrder(table).splice(isAsked ? at : order.length, 0, key)
      return [{ op: 'remove', table, key }]
    }
    const after = predecessor(order, key)
    if (!same(old, value)) assign(this.write(table), key, value)
    if (anchor !== undefined) this.relocate(table, key, anchor)
    return [{ op: 'put', table, key, value: old, after }]
  }

  private remove(op: Extract<Op, { op: 'remove' }>): Op[] {
    const { table, key } = op
    const old = own(this.read(table), key)
    if (old === undefined) return []
    const after = predecessor(this.order(table), key)
    delete this.write(table)[key]
    const order = this.writeOrder(table)
    order.splice(order.indexOf(key), 1)
    return [{ op: 'put', table, key, value: old, after }]
  }

  private set(op: Extract<Op, { op: 'set' }>): Op[] {
    const { table, key, path, value } = op
    const record = own(this.read(table), key)
    if (!isObject(record) || path.length === 0) return []
    let here = record
    let isThere = true
    let depth = 0
    for (; ; depth += 1) {
      const next = own(here, path[depth] as string)
      isThere = next !== undefined
      if (!isThere || depth === path.length - 1) break
      if (!isObject(next)) return []
      here = next
    }
    if (!isThere) {
      if (value === undefined) return []
      assign(this.write(table), key, withField(record, path, value))
      return [{ op: 'set', table, key, path: path.slice(0, depth + 1) }]
    }
    const old = here[path[depth] as string] as Json
    if (!same(old, value)) assign(this.write(table), key, withField(record, path, value))
    return [{ op: 'set', table, key, path: [...path], value: old }]
  }

  private move(op: Extract<Op, { op: 'order' }>): Op[] {
    const { table, key, after } = op
    if (!Object.hasOwn(this.read(table), key)) return []
    const before = predecessor(this.order(table), key)
    return this.relocate(table, key, after) ? [{ op: 'order', table, key, after: before }] : []
  }

  /** Move the key behind `after`. False: that is itself or not there, and nothing moved. */
  private relocate(table: TableName, key: string, after: string | null): boolean {
    if (after === key) return false
    const old = this.order(table)
    if (after !== null && !old.includes(after)) return false
    if (after === predecessor(old, key)) return true
    const order = this.writeOrder(table)
    order.splice(order.indexOf(key), 1)
    order.splice(after === null ? 0 : order.indexOf(after) + 1, 0, key)
    return true
  }

  private order(table: TableName): readonly string[] {
    return this.orders.get(table) ?? this.doc[table].order
  }

  private read(table: TableName): Readonly<Record<string, Json>> {
    return this.rows.get(table) ?? this.doc[table].rows
  }

  private write(table: TableName): Record<string, Json> {
    const rows = this.rows.get(table) ?? { ...this.doc[table].rows }
    this.rows.set(table, rows)
    return rows
  }

  private writeOrder(table: TableName): string[] {
    const order = this.orders.get(table) ?? [...this.doc[table].order]
    this.orders.set(table, order)
    return order
  }
}

/** The key that is before this one, null when it is the first. */
function predecessor(order: readonly string[], key: string): string | null {
  return order[order.indexOf(key) - 1] ?? null
}

/** A copy of the record with the field written, or removed when value is undefined. */
function withField(
  record: JsonObject,
  path: readonly string[],
  value: Json | undefined,
): JsonObject {
  const [field, ...rest] = path as [string, ...string[]]
  const copy = { ...record }
  if (rest.length > 0) {
    const next = own(record, field)
    assign(copy, field, withField(isObject(next) ? next : {}, rest, value))
  } else if (value === undefined) delete copy[field]
  else assign(copy, field, value)
  return copy
}

/**
 * `next`, with every table and record that says the same as in `previous` taken from there, so that
 * who compares by identity sees only what changed.
 */
export function keepIdentity(previous: Doc, next: Doc): Doc {
  if (previous === next) return previous
  const result: { format: 1 } & Record<TableName, Table> = { ...next }
  let isSame = true
  for (const table of TABLES) {
    result[table] = keptTable(previous[table], next[table])
    isSame &&= result[table] === previous[table]
  }
  return isSame ? previous : result
}

function keptTable(previous: Table, next: Table): Table {
  if (previous === next) return previous
  const order = same([...previous.order], [...next.order]) ? previous.order : next.order
  let rows: Record<string, Json> | null = null
  let isSame = order === previous.order
  for (const key of next.order) {
    const old = own(previous.rows, key)
    const value = next.rows[key] as Json
    if (old === value) continue
    if (old !== undefined && same(old, value)) {
      rows ??= { ...next.rows }
      assign(rows, key, old)
    } else isSame = false
  }
  if (isSame) return previous
  return { order, rows: rows ?? next.rows }
}
