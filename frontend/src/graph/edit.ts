/** A gesture's change of a document: a name for the history, ops, and the selection after it. */

import type { Doc, Json, Op } from '../api/schema'
import { applyAll, isObject, own, row } from '../document/ops'
import { askedArtifacts, INPUTS, inputOf, readStage, stageOf } from './documentReaders'
import { storedAt } from './geometry'
import { insideOf } from './nesting'
import { clean, unused, wordsOf } from './words'

export interface Edit {
  /** "Connect Portrait to Frames", for history, undo and the live region. */
  readonly label: string
  readonly ops: readonly Op[]
  /** Nodes, `frame:<key>` and `note:<key>` to select; absent: the selection stays. */
  readonly select?: readonly string[]
  /** Offered in place of something else: the reason that it would do. */
  readonly hint?: string
}

const LABEL_LENGTH = 120

export function edit(label: string, ops: readonly Op[], select?: readonly string[]): Edit {
  const base = { label: clean(label, LABEL_LENGTH), ops }
  return select ? { ...base, select } : base
}

/** Ops that are written one after the other, each seeing what the ones before did. */
export class Draft {
  doc: Doc
  readonly ops: Op[] = []

  constructor(doc: Doc) {
    this.doc = doc
  }

  add(...ops: Op[]): void {
    if (ops.length === 0) return
    this.doc = applyAll(this.doc, ops).doc
    this.ops.push(...ops)
  }

  /** Set one field of a record; undefined removes it. Nothing is written that is there already. */
  set(table: Op['table'], key: string, path: readonly string[], value: Json | undefined): void {
    const before = fieldOf(row(this.doc, table, key), path)
    if (before === value) return
    this.add(setOp(table, key, path, value))
  }

  /** Set an argument of a stage. */
  setArgument(key: string, argument: string, value: Json | undefined): void {
    const { argsPath } = stageOf(this.doc, key)
    this.setField(key, [...argsPath, argument], value)
  }

  /** Set a field of a stage, also where something else than an object is in the way. */
  setField(key: string, path: readonly string[], value: Json | undefined): void {
    for (let depth = 1; depth < path.length; depth += 1) {
      const way = path.slice(0, depth)
      const current = fieldOf(row(this.doc, 'stages', key), way)
      if (current === undefined) break
      if (isObject(current)) continue
      if (value === undefined) return
      const rest = path.slice(depth).reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
      this.add(setOp('stages', key, way, rest))
      return
    }
    this.set('stages', key, path, value)
  }
}

export function setOp(
  table: Op['table'],
  key: string,
  path: readonly string[],
  value: Json | undefined,
): Op {
  const op = { op: 'set' as const, table, key, path: [...path] }
  return value === undefined ? op : { ...op, value }
}

/** The value at a path through objects, or undefined. */
export function fieldOf(record: Json | undefined, path: readonly string[]): Json | undefined {
  let value = record
  for (const name of path) {
    if (!isObject(value)) return undefined
    value = own(value, name)
  }
  return value
}

/** Return the record that an id means: `frame:<key>`, `note:<key>`, else a node by its key. */
export function targetOf(
  doc: Doc,
  id: string,
): { table: 'nodes' | 'frames' | 'notes'; key: string } {
  if (row(doc, 'stages', id) === undefined) {
    const [, kind, key] = /^(frame|note):(.+)$/s.exec(id) ?? []
    if (key !== undefined) return { table: kind === 'frame' ? 'frames' : 'notes', key }
  }
  return { table: 'nodes', key: id }
}

/** Return the name of a stage, an input, the inputs, a frame or a note. */
export function nameOf(doc: Doc, id: string): string {
  const { table, key } = targetOf(doc, id)
  if (table === 'frames') {
    const title = fieldOf(row(doc, 'frames', key), ['title'])
    return (typeof title === 'string' && clean(title)) || 'Frame'
  }
  if (table === 'notes') return 'Note'
  if (key === INPUTS) return 'Inputs'
  const stage = row(doc, 'stages', key)
  if (stage !== undefined) {
    const { label, id } = readStage(stage)
    return clean(label) || wordsOf(id) || key
  }
  const input = row(doc, 'inputs', key)
  if (input !== undefined) return inputOf(doc, key).title || key
  return key
}

/** A label that no stage has: "Generate image 2" beside "Generate image". */
export function freshLabel(doc: Doc, wanted: string): string {
  const labels = new Set(doc.stages.order.map((key) => clean(stageOf(doc, key).label)))
  return unused(wanted, (label) => labels.has(clean(label)), ' ')
}

/** A key that no stage has, and no artifact that is made or asked for. */
export function freshKey(doc: Doc, wanted: string, more: ReadonlySet<string> = new Set()): string {
  const names = askedArtifacts(doc)
  for (const key of doc.stages.order) {
    const stage = stageOf(doc, key)
    names.add(stage.id)
    for (const name of stage.makes) names.add(name)
    for (const { stage: inner } of insideOf(stage)) names.add(inner.id)
  }
  const isTaken = (key: string) =>
    names.has(key) ||
    more.has(key) ||
    row(doc, 'stages', key) !== undefined ||
    storedAt(doc, key) !== null
  return unused(wanted, isTaken)
}
