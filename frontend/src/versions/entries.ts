/** The differences between two documents, as a person may take or leave them. */

import type { Doc, Json, Op, TableName } from '../api/schema'
import { describe, diff, type FieldChange } from '../document/diff'
import { isObject, own, row, TEMPLATE } from '../document/ops'
import { INPUTS, stageOf } from '../graph/documentReaders'
import { fieldOf, nameOf } from '../graph/edit'
import type { ToolTable } from '../graph/tools'
import { clean, listed, wordsOf } from '../graph/words'
import { unionOrder } from './union'

export type Kind = 'added' | 'removed' | 'changed' | 'moved'

/** One field, with what it is in both. unit: what is ticked for it. */
export interface Field {
  readonly unit: string
  readonly path: readonly string[]
  readonly title: string
  /** The unit of its numbers, such as "s", or "". */
  readonly measure: string
  readonly old: Json | undefined
  readonly new: Json | undefined
}

/** One row of the list of changes. */
export interface Entry {
  readonly id: string
  readonly kind: Kind
  readonly table: 'root' | 'inputs' | 'stages' | 'frames' | 'notes'
  readonly key: string
  /** The node to show on the canvas, or null. */
  readonly node: string | null
  readonly title: string
  readonly detail: string
  /** The fields that changed; empty for what came, went or moved whole. */
  readonly fields: readonly Field[]
  /** The units to tick: one for each field, or one for the whole. */
  readonly units: readonly string[]
}

const PLACE = new Set(['x', 'y', 'width', 'height'])
const NOUNS = { root: '', inputs: 'input', stages: 'stage', frames: 'frame', notes: 'note' }

/** All changes from one document to another: stages in their order, then the rest. */
export function entriesOf(from: Doc, to: Doc, tools: ToolTable): Entry[] {
  const differences = describe(from, to)
  const entries: Entry[] = []
  for (const table of ['stages', 'inputs', 'frames', 'notes'] as const) {
    const order = table === 'inputs' ? [INPUTS, ...unionOrder(from.inputs, to.inputs)] : null
    for (const key of order ?? unionOrder(from[table], to[table])) {
      const difference = differences[table].get(key)
      if (!difference) continue
      const { kind } = difference
      const holder = kind === 'removed' ? from : to
      const base = { table, key, title: titleOf(holder, table, key), node: nodeOf(table, key) }
      if (kind === 'added' || kind === 'removed') {
        const unit = unitOf(table, key)
        const detail = `${kind === 'added' ? 'New' : 'The'} ${NOUNS[table]}${madeOf(holder, tools, table, key)}`
        entries.push({ id: unit, kind, ...base, detail, fields: [], units: [unit] })
        continue
      }
      const fields = difference.fields.filter((field) => !isPlace(field))
      if (fields.length > 0)
        entries.push(
          changeEntry(
            base,
            fields.map((field) => fieldEntry(field, table, key, to, tools)),
          ),
        )
      if (fields.length < difference.fields.length) {
        const id = `${unitOf(table, key)}/place`
        const detail = table === 'stages' || key === INPUTS ? 'Moved, runs the same' : 'Moved'
        entries.push({ id, kind: 'moved', ...base, detail, fields: [], units: [id] })
      }
    }
  }
  return [...entries, ...ofTemplate(from, to)]
}

/**
 * Ops that bring what is ticked of `to` into `from`. Every op belongs to one unit at most; what no
 * entry shows, such as the order of stages, is left as it is.
 */
export function takeOps(from: Doc, to: Doc, ticked: ReadonlySet<string>): Op[] {
  return diff(from, to).filter((op) => {
    const unit = unitOfOp(op)
    return unit !== null && ticked.has(unit)
  })
}

/** The unit that an op belongs to; null for what no entry shows. */
export function unitOfOp(op: Op): string | null {
  if (op.op === 'order') return null
  const { table, key } = op
  if (table === 'seeds' || table === 'values' || table === 'plan') return null
  // The place of a stage that comes or goes comes and goes with it.
  if (table === 'nodes')
    return op.op === 'set'
      ? `${unitOf(key === INPUTS ? 'inputs' : 'stages', key)}/place`
      : `stages/${key}`
  if (op.op === 'remove') return unitOf(table, key)
  if (op.op === 'put') return op.after === undefined ? `${unitOf(table, key)}#` : unitOf(table, key)
  const isBox = table === 'frames' || table === 'notes'
  if (isBox && isPlace(op)) return `${unitOf(table, key)}/place`
  return unitOf(table, key, op.path)
}

function unitOf(table: TableName, key: string, path?: readonly string[]): string {
  return path ? `${table}/${key}#${path.join('/')}` : `${table}/${key}`
}

function isPlace({ path }: { readonly path: readonly string[] }): boolean {
  return path.length === 1 && PLACE.has(path[0] as string)
}

function changeEntry(
  named: Omit<Entry, 'id' | 'kind' | 'detail' | 'fields' | 'units'>,
  fields: Field[],
): Entry {
  return {
    ...named,
    id: `${unitOf(named.table, named.key)}#`,
    kind: 'changed',
    detail: listed(fields.map((field) => field.title)),
    fields,
    units: fields.map((field) => field.unit),
  }
}

function fieldEntry(
  { path, old, new: now }: FieldChange,
  table: TableName,
  key: string,
  doc: Doc,
  tools: ToolTable,
): Field {
  const at = table === 'stages' ? path.lastIndexOf('args') : -1
  const argument = at < 0 ? undefined : path[at + 1]
  const titleAndMeasure =
    argument === undefined
      ? { title: recordField(path), measure: '' }
      : argumentOf(doc, key, argument, tools)
  return { unit: unitOf(table, key, path), path, ...titleAndMeasure, old, new: now }
}

/** "Motion": what the form of the stage's tool calls an argument, and what it measures. */
export function argumentOf(
  doc: Doc,
  key: string,
  argument: string,
  tools: ToolTable,
): { title: string; measure: string } {
  const tool = tools.get(stageOf(doc, key).tool)
  const declaration = tool && tools.argument(tool, argument)
  const title =
    declaration?.parameter?.title || declaration?.port?.title || wordsOf(argument) || argument
  return { title, measure: declaration?.parameter?.unit ?? '' }
}

const KNOWN: Readonly<Record<string, string>> = {
  label: 'Name',
  requiredArtifactsIn: 'Waits for',
  optionalArtifactsIn: 'Waits for (optional)',
  overBinding: 'Repeat for',
  brief: 'Description for agents',
  exposeToLLM: 'Offer to agents',
  llmPriority: 'Rank for agents',
  previewArtifacts: 'Preview',
  default: 'Default',
}

function recordField(path: readonly string[]): string {
  const last = path.at(-1)
  if (last === undefined) return 'Everything'
  return KNOWN[last] ?? (clean(wordsOf(path.filter((part) => part !== 'extra').join(' '))) || last)
}

function titleOf(doc: Doc, table: 'inputs' | 'stages' | 'frames' | 'notes', key: string): string {
  if (table === 'frames') return nameOf(doc, `frame:${key}`)
  if (table === 'notes') {
    const text = fieldOf(row(doc, 'notes', key), ['text'])
    return (typeof text === 'string' && clean(text, 40)) || 'Note'
  }
  return nameOf(doc, key)
}

function nodeOf(table: Entry['table'], key: string): string | null {
  if (table === 'stages') return key
  if (table === 'inputs') return INPUTS
  return table === 'frames' ? `frame:${key}` : `note:${key}`
}

/** ", Animate": what a stage does. */
function madeOf(doc: Doc, tools: ToolTable, table: string, key: string): string {
  const tool = table === 'stages' ? tools.get(stageOf(doc, key).tool) : null
  return tool ? `, ${tool.title}` : ''
}

/** The template's own fields. Where its lists stood is no news. */
function ofTemplate(from: Doc, to: Doc): Entry[] {
  const before = row(from, 'root', TEMPLATE)
  const fields = diff(from, to).flatMap((op): Field[] => {
    if (op.op !== 'set' || op.table !== 'root' || op.key !== TEMPLATE) return []
    const [first] = op.path
    if (op.path.length === 1 && (first === 'inputs' || first === 'stages')) return []
    const old = fieldOf(before, op.path)
    const unit = unitOf('root', TEMPLATE, op.path)
    return [{ unit, path: op.path, title: recordField(op.path), measure: '', old, new: op.value }]
  })
  if (fields.length === 0) return []
  const record = row(to, 'root', TEMPLATE)
  const name = isObject(record) ? own(record, 'name') : ''
  const title = typeof name === 'string' && name ? clean(name) : 'The template'
  return [changeEntry({ table: 'root', key: TEMPLATE, node: null, title }, fields)]
}
