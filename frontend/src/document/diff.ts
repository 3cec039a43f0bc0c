/** Differences of documents: as ops (twin of templates_app/document_ops/diff.py), and in words. */

import type { Doc, Json, JsonObject, Op, Table, TableName } from '../api/schema'
import { GRAPH, isObject, own, same, TABLES } from './ops'

// How deep single fields are told apart: `args/<name>`, `itemStage/args/<name>`.
const DEPTH = 3

/** Ops that turn `from` into `to`. Empty when they say the same. */
export function diff(from: Doc, to: Doc): Op[] {
  return TABLES.flatMap((table) => [...ofTable(table, from[table], to[table])])
}

function* ofTable(table: TableName, from: Table, to: Table): Generator<Op> {
  if (from === to) return
  for (const key of from.order) if (!Object.hasOwn(to.rows, key)) yield { op: 'remove', table, key }
  const isMoved = table !== 'root' && areMoved(from, to)
  let before: string | null = null
  for (const key of to.order) {
    const value = to.rows[key] as Json
    const old = own(from.rows, key)
    if (old === undefined) yield { op: 'put', table, key, value, after: before }
    else {
      yield* ofRecord(table, key, old, value)
      if (isMoved) yield { op: 'order', table, key, after: before }
    }
    before = key
  }
}

/** Return true if the rows that both have are in another order. */
function areMoved(from: Table, to: Table): boolean {
  const common = from.order.filter((key) => Object.hasOwn(to.rows, key))
  const still = to.order.filter((key) => Object.hasOwn(from.rows, key))
  return common.some((key, at) => key !== still[at])
}

function* ofRecord(table: TableName, key: string, old: Json, value: Json): Generator<Op> {
  if (same(old, value)) return
  if (isObject(old) && isObject(value)) {
    for (const { path, new: now } of ofFields(old, value, []))
      yield { op: 'set', table, key, path, ...(now === undefined ? {} : { value: now }) }
  } else if (table !== 'root' || key === GRAPH) yield { op: 'put', table, key, value }
}

/** One field that differs. undefined: absent there. */
export interface FieldChange {
  path: string[]
  old: Json | undefined
  new: Json | undefined
}

function* ofFields(old: JsonObject, now: JsonObject, above: string[]): Generator<FieldChange> {
  const newFields = Object.keys(now).filter((field) => !Object.hasOwn(old, field))
  for (const field of [...Object.keys(old), ...newFields]) {
    const path = [...above, field]
    const [one, other] = [own(old, field), own(now, field)]
    if (same(one, other)) continue
    if (isObject(one) && isObject(other) && path.length < DEPTH) yield* ofFields(one, other, path)
    else yield { path, old: one, new: other }
  }
}

// -- For the compare mode -------------------------------------------------------------------------

/** moved: its place on the canvas is all that differs. fields: empty for what came or went whole. */
export interface Difference {
  kind: 'added' | 'removed' | 'changed' | 'moved'
  fields: FieldChange[]
}

/** Per table, what differs by key. A table without differences has an empty map. */
export type Differences = Record<'stages' | 'inputs' | 'frames' | 'notes', Map<string, Difference>>

const PLACE = new Set(['x', 'y', 'width', 'height'])
// The one node that shows all inputs; no input can be called so.
const INPUTS_NODE = '$inputs'

/**
 * Return the changes from one document to another as a person would name them. What only is
 * elsewhere is `moved`; a stage that changed and moved is `changed`, with old and new x and y among
 * its fields. The node that shows the inputs is found among `inputs` under its own key, `$inputs`.
 * The order in a list is no difference here: only the outline shows it.
 */
export function describe(from: Doc, to: Doc): Differences {
  const stages = ofRecords(from.stages, to.stages)
  const inputs = ofRecords(from.inputs, to.inputs)
  for (const [key, move] of ofRecords(from.nodes, to.nodes)) {
    // A place that was given or taken away is none that it moved from.
    if (move.kind === 'added' || move.kind === 'removed') continue
    if (key === INPUTS_NODE) inputs.set(key, move)
    else if (Object.hasOwn(from.stages.rows, key) && Object.hasOwn(to.stages.rows, key)) {
      const change = stages.get(key)
      const fields = [...(change?.fields ?? []), ...move.fields]
      stages.set(key, { kind: change?.kind ?? move.kind, fields })
    }
  }
  return {
    stages,
    inputs,
    frames: ofRecords(from.frames, to.frames),
    notes: ofRecords(from.notes, to.notes),
  }
}

function ofRecords(from: Table, to: Table): Map<string, Difference> {
  const differences = new Map<string, Difference>()
  for (const key of from.order)
    if (!Object.hasOwn(to.rows, key)) differences.set(key, { kind: 'removed', fields: [] })
  for (const key of to.order) {
    const [old, now] = [own(from.rows, key), to.rows[key] as Json]
    if (old === undefined) differences.set(key, { kind: 'added', fields: [] })
    else if (!same(old, now)) {
      const fields =
        isObject(old) && isObject(now) ? [...ofFields(old, now, [])] : [{ path: [], old, new: now }]
      const isMoved = fields.every(({ path }) => path.length === 1 && PLACE.has(path[0] as string))
      differences.set(key, { kind: isMoved ? 'moved' : 'changed', fields })
    }
  }
  return differences
}
