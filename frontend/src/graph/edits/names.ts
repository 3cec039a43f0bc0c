/** Inputs: declared, taken away; and the bindings that name them or artifacts, rewritten. */

import type { Doc, InputType, Json, JsonObject } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { type Broken, mapRefs, type Ref } from '../bindings'
import { INPUTS, inputOf } from '../documentReaders'
import { Draft, type Edit, edit, fieldOf, nameOf } from '../edit'
import type { Point } from '../geometry'
import { unused, wordsOf } from '../words'
import { placeOps } from './places'

const TYPE_NAMES: Readonly<Record<InputType, string>> = {
  text: 'text',
  image: 'image',
  video: 'video',
  audio: 'audio',
  number: 'number',
  select: 'choice',
  boolean: 'switch',
}

/**
 * Declare an input. name: what it should be called; a free one is made from it. at: the corner of
 * the Inputs box, where this is its first input.
 */
export function addInput(
  doc: Doc,
  type: InputType,
  name: string = TYPE_NAMES[type],
  at: Point | null = null,
): Edit {
  const draft = new Draft(doc)
  const isFirst = doc.inputs.order.length === 0
  const key = freeName(doc, name)
  const value: JsonObject = { name: key, type, required: type !== 'boolean', description: '' }
  if (type === 'select')
    value.options = [
      { value: 'one', label: 'One' },
      { value: 'two', label: 'Two' },
    ]
  draft.add({ op: 'put', table: 'inputs', key, value })
  if (at && isFirst) draft.add(...placeOps(draft.doc, new Map([[INPUTS, at]])))
  return edit(`Add the input ${wordsOf(key)}`, draft.ops, at ? [INPUTS] : undefined)
}

/** Take an input away, with what it was tried with and the bindings that name it. */
export function removeInput(doc: Doc, key: string): Edit {
  const draft = new Draft(doc)
  const { name } = inputOf(doc, key)
  const label = `Delete the input ${nameOf(doc, key)}`
  const isNamed = doc.inputs.order.find((known) => inputOf(doc, known).name === name) === key
  if (isNamed && name !== '')
    rewriteRefs(draft, (read) =>
      read.type === 'ref' && read.root === 'inputs' && read.name === name ? undefined : read.text,
    )
  if (row(doc, 'values', key) !== undefined) draft.add({ op: 'remove', table: 'values', key })
  draft.add({ op: 'remove', table: 'inputs', key })
  return edit(label, draft.ops)
}

/** A name for an input made of any words, not taken by another input or by a key. */
export function freeName(doc: Doc, words: string, key?: string): string {
  const plainWords = words
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .replace(/^[^A-Za-z_]+|_+$/g, '')
    .slice(0, 56)
  const names = new Set<string>()
  for (const other of doc.inputs.order) {
    if (other === key) continue
    names.add(other)
    names.add(inputOf(doc, other).name)
  }
  return unused(plainWords || 'input', (taken) => names.has(taken), '_')
}

type Change = (read: Ref | Broken) => string | undefined

/** Rewrite the bindings of all stages; undefined takes one out of its argument. */
export function rewriteRefs(draft: Draft, change: Change): void {
  for (const key of draft.doc.stages.order) rewriteStage(draft, key, change)
}

/** Rewrite the bindings of one stage, one field at a time. */
export function rewriteStage(draft: Draft, key: string, change: Change): void {
  const record = row(draft.doc, 'stages', key)
  if (!isObject(record)) return
  rewriteFields(draft, key, record, ['args'], change)
  rewriteFields(draft, key, record, ['itemStage', 'args'], change)
  const paths = [['overBinding'], ['select'], ['subStages'], ['itemStage', 'subStages']]
  for (const path of paths) {
    const value = fieldOf(record, path)
    if (value === undefined) continue
    const next = mapRefs(value, change)
    if (next !== value) draft.set('stages', key, path, next)
  }
  const expression = fieldOf(record, ['condition', 'expression'])
  if (typeof expression === 'string') {
    const next = rewriteExpression(expression, change)
    if (next !== expression) draft.set('stages', key, ['condition', 'expression'], next)
  }
}

function rewriteFields(
  draft: Draft,
  key: string,
  record: Json,
  path: readonly string[],
  change: Change,
): void {
  const fields = fieldOf(record, path)
  if (!isObject(fields)) return
  for (const [name, value] of Object.entries(fields)) {
    const next = mapRefs(value, change)
    if (next !== value) draft.set('stages', key, [...path, name], next)
  }
}

/** The references in a condition's expression. One that would go stays: the rest makes no sense. */
function rewriteExpression(expression: string, change: Change): string {
  return expression.replace(/\$(inputs|artifacts)\.([A-Za-z0-9_-]+)/g, (text, root, name) => {
    const ref: Ref = {
      type: 'ref',
      root: root as Ref['root'],
      name: name as string,
      path: [],
      text,
    }
    return change(ref) ?? text
  })
}
