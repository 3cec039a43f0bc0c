/** The results that a template is used for: declared by name in its own record. */

import type { Doc, Json } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { producersOf } from '../documentReaders'
import { artifactFor } from '../edges'
import { Draft, type Edit, edit, fieldOf, nameOf } from '../edit'
import { unused } from '../words'

/** A declared output. stage: the key of the stage whose result it is; null where no stage makes it. */
export interface TemplateOutput {
  readonly name: string
  readonly label: string
  readonly stage: string | null
  /** The place of its one file, from 0; null: all of them. */
  readonly place: number | null
}

export const MAX_OUTPUTS = 16
const FIELD = 'outputs'
const SOURCE = /^\$artifacts\.([^.[\]]+)(?:(?:\.items)?\[(\d+|\*)\])?$/

/** List the declared outputs by their position; the first is the main one. */
export function outputsOf(doc: Doc): TemplateOutput[] {
  const producers = producersOf(doc)
  return entriesOf(doc).map(([name, record]) => {
    const [, artifact = '', place] = SOURCE.exec(String(record.from ?? '')) ?? []
    return {
      name,
      label: typeof record.label === 'string' ? record.label : '',
      stage: producers.get(artifact)?.at(-1) ?? null,
      place: place === undefined || place === '*' ? null : Number(place),
    }
  })
}

/** Declare the result of a stage as an output, after those there are. */
export function addOutput(doc: Doc, stage: string): Edit {
  const draft = new Draft(doc)
  const title = nameOf(doc, stage)
  const label = `Add the output ${title}`
  const entries = entriesOf(doc)
  if (entries.length >= MAX_OUTPUTS) return edit(label, [])
  const artifact = artifactFor(draft, stage, null)
  const names = new Set(entries.map(([name]) => name))
  const base = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
  const name = unused(base.slice(0, 48) || 'result', (one) => names.has(one) || RESERVED.has(one))
  // A document without outputs may hold something else there.
  if (!isObject(fieldOf(row(doc, 'root', 'template'), [FIELD])))
    draft.set('root', 'template', [FIELD], {})
  const position = Math.max(-1, ...entries.map(([, record]) => placeOf(record))) + 1
  const record: Json = { from: `$artifacts.${artifact}`, label: title, position }
  draft.set('root', 'template', [FIELD, name], record)
  return edit(label, draft.ops)
}

export function removeOutput(doc: Doc, name: string): Edit {
  const draft = new Draft(doc)
  const isLast = entriesOf(doc).length === 1
  draft.set('root', 'template', isLast ? [FIELD] : [FIELD, name], undefined)
  return edit(`Remove the output ${labelOf(doc, name)}`, draft.ops)
}

export function renameOutput(doc: Doc, name: string, label: string): Edit {
  const draft = new Draft(doc)
  draft.set('root', 'template', [FIELD, name, 'label'], label.trim() || undefined)
  return edit(`Rename the output ${labelOf(doc, name)}`, draft.ops)
}

/** Move an output from one place of the list to another; the first is the main one. */
export function moveOutput(doc: Doc, from: number, to: number): Edit {
  const draft = new Draft(doc)
  const names = entriesOf(doc).map(([name]) => name)
  const [name] = names.splice(from, 1)
  if (name === undefined) return edit('Move an output', [])
  names.splice(to, 0, name)
  names.forEach((one, place) => {
    draft.set('root', 'template', [FIELD, one, 'position'], place)
  })
  return edit(`Move the output ${labelOf(doc, name)}`, draft.ops)
}

/** Write the new name of a result where an output is it. */
export function renameOutputSource(draft: Draft, old: string, name: string): void {
  for (const [output, record] of entriesOf(draft.doc)) {
    const text = String(record.from ?? '')
    if (SOURCE.exec(text)?.[1] === old)
      draft.set('root', 'template', [FIELD, output, 'from'], text.replace(`.${old}`, `.${name}`))
  }
}

/** Remove the outputs that are results of these names. */
export function removeOutputsOf(draft: Draft, artifacts: ReadonlySet<string>): void {
  for (const [output, record] of entriesOf(draft.doc)) {
    const artifact = SOURCE.exec(String(record.from ?? ''))?.[1]
    if (artifact !== undefined && artifacts.has(artifact))
      draft.set('root', 'template', [FIELD, output], undefined)
  }
}

// As `core` names what every result has: no output is called so.
const RESERVED = new Set(['items', 'kind', 'versions', 'id', 'label', 'url', 'content', 'length'])

function entriesOf(doc: Doc): [string, Record<string, Json>][] {
  const outputs = fieldOf(row(doc, 'root', 'template'), [FIELD])
  if (!isObject(outputs)) return []
  const entries = Object.entries(outputs).flatMap(([name, record]) =>
    isObject(record) ? [[name, record] as [string, Record<string, Json>]] : [],
  )
  return entries.sort(
    ([name, one], [otherName, other]) =>
      placeOf(one) - placeOf(other) || (name < otherName ? -1 : 1),
  )
}

function placeOf(record: Record<string, Json>): number {
  return typeof record.position === 'number' ? record.position : 0
}

function labelOf(doc: Doc, name: string): string {
  return outputsOf(doc).find((output) => output.name === name)?.label || name
}
