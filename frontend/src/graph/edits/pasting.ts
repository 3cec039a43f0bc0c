/** Copies as fresh stages: beside their originals, and of what the clipboard has. */

import type { Doc, Json, JsonObject } from '../../api/schema'
import { isObject, MAX_KEY, own, row } from '../../document/ops'
import { renameRef } from '../bindings'
import {
  INPUTS,
  inputOf,
  inputsByName,
  producersOf,
  readInput,
  readStage,
} from '../documentReaders'
import { Draft, type Edit, edit, fieldOf, freshKey, freshLabel, nameOf } from '../edit'
import { type Point, snap } from '../geometry'
import { unused } from '../words'
import { type Clip, clipOf } from './copying'
import { freeName, rewriteStage } from './names'
import { around } from './seeds'

/** Stages one paste may bring: a change holds a few hundred ops. */
const MAX_PASTED = 120
const SHIFT = 32

/** An edit, or why the text cannot be pasted. */
export type Pasted = Edit | { readonly problem: string }

/** Copies beside the originals. Edges among them are copied too, those from outside are kept. */
export function duplicate(doc: Doc, ids: readonly string[]): Edit {
  const clip = clipOf(doc, ids)
  const last = doc.stages.order.findLast((key) => ids.includes(key))
  const draft = new Draft(doc)
  const select = bring(draft, { ...clip, inputs: [] }, { x: SHIFT, y: SHIFT }, last)
  const first = ids[0] ?? ''
  const what = ids.length === 1 ? nameOf(doc, first) : `${ids.length} items`
  return edit(`Duplicate ${what}`, draft.ops, select)
}

/** Bring in what `copy` wrote, or a whole template. at: its top left corner. */
export function paste(doc: Doc, text: string, at: Point): Pasted {
  const clip = readClip(text)
  if (!clip) return { problem: 'The clipboard has no stages or template.' }
  const count = clip.stages.length + clip.frames.length + clip.notes.length
  if (count === 0) return { problem: 'The clipboard has no stages.' }
  if (count > MAX_PASTED)
    return {
      problem: `Too many items to paste (${count}, limit ${MAX_PASTED}). Import them as a template instead.`,
    }
  const draft = new Draft(doc)
  const corner = cornerOf(clip)
  const select = bring(draft, clip, { x: at.x - corner.x, y: at.y - corner.y })
  const what = count === 1 ? nameOf(draft.doc, select[0] ?? '') : `${count} items`
  return edit(`Paste ${what}`, draft.ops, select)
}

function readClip(text: string): Clip | null {
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch {
    return null
  }
  // A template as this server answers it is in an envelope.
  for (const wrapper of ['data', 'template'])
    if (isObject(json) && !Array.isArray(own(json, 'stages')) && isObject(own(json, wrapper)))
      json = own(json, wrapper) as JsonObject
  if (!isObject(json) || !Array.isArray(own(json, 'stages'))) return null
  const graph = own(json, 'graph')
  const source = isObject(graph) ? graph : json
  const list = (holder: JsonObject, name: string): Json[] => {
    const value = own(holder, name)
    return Array.isArray(value) ? value : []
  }
  const seeds = own(json, 'seeds')
  return {
    stages: list(json, 'stages').filter(isObject),
    inputs: list(json, 'inputs').filter(isObject),
    nodes: list(source, 'nodes'),
    frames: list(source, 'frames').filter(isObject),
    notes: list(source, 'notes').filter(isObject),
    seeds: isObject(seeds) ? seeds : {},
  }
}

/** Put everything under fresh keys, bindings following. Returns what was put. */
function bring(draft: Draft, clip: Clip, shift: Point, behind?: string): string[] {
  const inputs = bringInputs(draft, clip.inputs)
  const outer = producersOf(draft.doc)
  const keys = new Map<string, string>()
  const artifacts = new Map<string, string>()
  const put: { key: string; record: JsonObject }[] = []
  const outerNames = new Set(outer.keys())
  for (const record of clip.stages) {
    const stage = readStage(record)
    const key = freshKey(draft.doc, stage.id || 'stage', outerNames)
    outerNames.add(key)
    const produces = stage.produces.map((name) => {
      const target = name === stage.id ? key : unused(name, (other) => outerNames.has(other))
      outerNames.add(target)
      artifacts.set(name, target)
      return target
    })
    if (stage.id !== '' && !keys.has(stage.id)) keys.set(stage.id, key)
    const fresh: JsonObject = { ...record, id: key }
    if (stage.produces.length > 0) fresh.produces = produces
    put.push({ key, record: fresh })
  }
  let after = behind
  for (const { key, record } of put) {
    const { label } = readStage(record)
    const value = label === '' ? record : { ...record, label: freshLabel(draft.doc, label) }
    const op = { op: 'put' as const, table: 'stages' as const, key, value }
    draft.add(after === undefined ? op : { ...op, after })
    if (after !== undefined) after = key
  }
  const isThere = (name: string) => outer.has(name)
  for (const { key } of put) {
    rewriteStage(draft, key, (read) => {
      if (read.type !== 'ref') return read.text
      if (read.root === 'inputs') {
        const name = inputs.get(read.name) ?? read.name
        return inputsByName(draft.doc).has(name) ? renameRef(read, name) : undefined
      }
      if (read.root !== 'artifacts') return read.text
      const name = artifacts.get(read.name)
      if (name !== undefined) return renameRef(read, name)
      return isThere(read.name) ? read.text : undefined
    })
    rewriteNames(draft, key, artifacts, keys, isThere)
  }
  const select = put.map(({ key }) => key)
  bringPlaces(draft, clip, keys, shift)
  select.push(...bringBoxes(draft, 'frames', clip.frames, shift))
  select.push(...bringBoxes(draft, 'notes', clip.notes, shift))
  for (const [step, seed] of Object.entries(clip.seeds)) {
    const id = around(step, (name) => keys.has(name))
    const key = id === undefined ? '' : `${keys.get(id)}${step.slice(id.length)}`
    if (key !== '' && key.length <= MAX_KEY)
      draft.add({ op: 'put', table: 'seeds', key, value: seed })
  }
  return select
}

/** Declare the inputs that are not there. Old name → name here. */
function bringInputs(draft: Draft, records: readonly JsonObject[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const record of records) {
    const { name, type } = readInput(record)
    if (type === null || names.has(name)) continue
    const existing = inputsByName(draft.doc).get(name)
    // The same name with another type is another thing.
    if (existing !== undefined && inputOf(draft.doc, existing).type === type) {
      names.set(name, name)
      continue
    }
    const key = freeName(draft.doc, name)
    draft.add({ op: 'put', table: 'inputs', key, value: { ...record, name: key } })
    names.set(name, key)
  }
  return names
}

function rewriteNames(
  draft: Draft,
  key: string,
  artifacts: ReadonlyMap<string, string>,
  keys: ReadonlyMap<string, string>,
  isThere: (name: string) => boolean,
): void {
  for (const field of ['requiredArtifactsIn', 'optionalArtifactsIn']) {
    const names = fieldOf(row(draft.doc, 'stages', key), [field])
    if (!Array.isArray(names)) continue
    const remaining = names.flatMap((name) => {
      if (typeof name !== 'string') return []
      const fresh = artifacts.get(name)
      return fresh !== undefined ? [fresh] : isThere(name) ? [name] : []
    })
    draft.set('stages', key, [field], remaining.length > 0 ? remaining : undefined)
  }
  const condition = row(draft.doc, 'stages', key)
  const stage = fieldOf(condition, ['condition', 'stageId'])
  if (typeof stage === 'string' && keys.has(stage))
    draft.set('stages', key, ['condition', 'stageId'], keys.get(stage))
  const artifact = fieldOf(condition, ['condition', 'artifactName'])
  if (typeof artifact === 'string' && artifacts.has(artifact))
    draft.set('stages', key, ['condition', 'artifactName'], artifacts.get(artifact))
}

function bringPlaces(
  draft: Draft,
  clip: Clip,
  keys: ReadonlyMap<string, string>,
  shift: Point,
): void {
  for (const node of clip.nodes) {
    const id = fieldOf(node, ['stageId'])
    const at = pointOf(node)
    const key = typeof id === 'string' && id !== INPUTS ? keys.get(id) : undefined
    if (key === undefined || !at || !isObject(node)) continue
    const value = { ...node, stageId: key, ...shiftPoint(at, shift) }
    draft.add({ op: 'put', table: 'nodes', key, value })
  }
}

function bringBoxes(
  draft: Draft,
  table: 'frames' | 'notes',
  records: readonly JsonObject[],
  shift: Point,
): string[] {
  return records.map((record) => {
    const name = table === 'frames' ? 'frame' : 'note'
    const key = unused(name, (taken) => row(draft.doc, table, taken) !== undefined)
    const at = pointOf(record) ?? { x: 0, y: 0 }
    draft.add({ op: 'put', table, key, value: { ...record, id: key, ...shiftPoint(at, shift) } })
    return `${name}:${key}`
  })
}

function shiftPoint(at: Point, shift: Point): { x: number; y: number } {
  return { x: snap(at.x + shift.x), y: snap(at.y + shift.y) }
}

function pointOf(record: Json): Point | null {
  const x = fieldOf(record, ['x'])
  const y = fieldOf(record, ['y'])
  const isUsable = (value: Json | undefined): value is number =>
    typeof value === 'number' && Math.abs(value) <= 200_000
  return isUsable(x) && isUsable(y) ? { x, y } : null
}

function cornerOf(clip: Clip): Point {
  const ids = new Set(clip.stages.map((stage) => readStage(stage).id))
  const points = [
    ...clip.nodes.filter((node) => ids.has(String(fieldOf(node, ['stageId'])))),
    ...clip.frames,
    ...clip.notes,
  ]
    .map(pointOf)
    .filter((point) => point !== null)
  if (points.length === 0) return { x: 0, y: 0 }
  return {
    x: Math.min(...points.map((point) => point.x)),
    y: Math.min(...points.map((point) => point.y)),
  }
}
