/**
 * The records of a document, read as templates_app/graph/spec.py reads a spec: what is unreadable is
 * left out, nothing ever throws. Readings are kept with the record they were made from.
 */

import {
  type Doc,
  INPUT_TYPES,
  type InputType,
  type Json,
  type JsonObject,
  type SocketKind,
  STAGE_TYPES,
  type StageType,
} from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { findRefs } from './bindings'
import { clean, wordsOf } from './words'

export const INPUTS = '$inputs'

const MAX_ID = 128
const MAX_LIST = 1_000
const LABEL_LENGTH = 60

/** A stage as its record says. type null: the record is no stage, it neither takes nor gives. */
export interface StageRecord {
  readonly id: string
  readonly type: StageType | null
  readonly label: string
  /** The tool of the stage, or of a batch's item. */
  readonly tool: string
  readonly args: JsonObject
  /** The way to `args` in the record, for `set`. */
  readonly argsPath: readonly string[]
  readonly produces: readonly string[]
  readonly requires: readonly string[]
  readonly optional: readonly string[]
  readonly over: string
  readonly itemName: string
  /** The binding of the choices that a person picks from, when the stage asks for that. */
  readonly select: string
  /** A run leaves it out and passes on what comes in. */
  readonly isBypassed: boolean
  /** The records of the stages inside it, which run as a group; those of a batch, for each item. */
  readonly subStages: readonly JsonObject[]
  /** Names that it or a stage inside it makes, each once. */
  readonly makes: readonly string[]
}

/** A declared input as its record says. type null: it cannot be read. */
export interface InputRecord {
  readonly name: string
  /** As its form calls it: its label, else its description where that is short, else its name. */
  readonly title: string
  readonly type: InputType | null
  readonly kind: SocketKind
  readonly isMultiple: boolean
  readonly isInternal: boolean
  readonly isRequired: boolean
  readonly options: readonly Json[]
}

const NO_ARGS: JsonObject = {}
const NO_STAGE: StageRecord = {
  id: '',
  type: null,
  label: '',
  tool: '',
  args: NO_ARGS,
  argsPath: ['args'],
  produces: [],
  requires: [],
  optional: [],
  over: '',
  itemName: '',
  select: '',
  isBypassed: false,
  subStages: [],
  makes: [],
}
const NO_INPUT: InputRecord = {
  name: '',
  title: '',
  type: null,
  kind: 'choice',
  isMultiple: false,
  isInternal: false,
  isRequired: false,
  options: [],
}

const stages = new WeakMap<JsonObject, StageRecord>()
const inputs = new WeakMap<JsonObject, InputRecord>()

export function stageOf(doc: Doc, key: string): StageRecord {
  return readStage(row(doc, 'stages', key))
}

export function inputOf(doc: Doc, key: string): InputRecord {
  return readInput(row(doc, 'inputs', key))
}

export function readStage(record: Json | undefined): StageRecord {
  if (!isObject(record)) return NO_STAGE
  let entry = stages.get(record)
  if (!entry) {
    entry = stageFrom(record)
    stages.set(record, entry)
  }
  return entry
}

export function readInput(record: Json | undefined): InputRecord {
  if (!isObject(record)) return NO_INPUT
  let entry = inputs.get(record)
  if (!entry) {
    entry = inputFrom(record)
    inputs.set(record, entry)
  }
  return entry
}

function stageFrom(record: JsonObject): StageRecord {
  const id = own(record, 'id')
  const type = STAGE_TYPES.find((known) => known === own(record, 'type'))
  if (typeof id !== 'string' || !isStageId(id) || !type)
    return { ...NO_STAGE, id: text(record, 'id'), label: text(record, 'label') }
  const item = own(record, 'itemStage')
  const isItem = isObject(item) && [undefined, null, 'fixed'].includes(own(item, 'type') as null)
  const call = type === 'fixed' ? record : type === 'batch' && isItem ? item : {}
  const args = own(call, 'args')
  const areArgs = isObject(args)
  const select = own(record, 'select')
  const produces = texts(own(record, 'produces'))
  const inItem = type === 'batch' && isItem ? subStagesFrom(own(item, 'subStages')) : []
  const subStages = [...subStagesFrom(own(record, 'subStages')), ...inItem]
  return {
    id,
    type,
    label: text(record, 'label'),
    // Arguments that are no object make the call unreadable; none at all are fine.
    tool: areArgs || args === undefined || args === null ? text(call, 'tool') : '',
    args: areArgs ? args : NO_ARGS,
    argsPath: type === 'batch' ? ['itemStage', 'args'] : ['args'],
    produces,
    requires: texts(own(record, 'requiredArtifactsIn')),
    optional: texts(own(record, 'optionalArtifactsIn')),
    over: type === 'batch' ? text(record, 'overBinding') : '',
    itemName: type === 'batch' ? text(record, 'itemName').trim() && text(record, 'itemName') : '',
    select: type === 'interactive' && isObject(select) ? text(select, 'from') : '',
    isBypassed: own(record, 'bypass') === true,
    subStages,
    makes: subStages.length === 0 ? produces : madeBy(type, produces, subStages),
  }
}

function subStagesFrom(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return NO_STAGE.subStages
  return value.filter(isObject).filter((record) => readStage(record).type !== null)
}

function madeBy(
  type: StageType,
  produces: readonly string[],
  subStages: readonly JsonObject[],
): string[] {
  // Outside a batch only the result of its items can be named.
  const inside =
    type === 'batch'
      ? (lastThatMakes(produces, subStages)?.produces ?? [])
      : subStages.flatMap((record) => readStage(record).makes)
  return [...new Set([...produces, ...inside])]
}

/** Return the last stage that makes one of these names, else the last. */
export function lastThatMakes(
  names: readonly string[],
  records: readonly JsonObject[],
): StageRecord | undefined {
  const stages = records.map(readStage)
  return (
    stages.findLast((one) => one.produces.some((name) => names.includes(name))) ?? stages.at(-1)
  )
}

export function isStageId(id: string): boolean {
  return id.trim() !== '' && [...id].length <= MAX_ID && !id.startsWith('$')
}

/** Twin of `input_title` in templates_app/graph/wiring.py. */
function inputTitle(record: JsonObject, name: string): string {
  const description = text(record, 'description').trim()
  const short = [...description].length <= LABEL_LENGTH ? description : ''
  return clean(text(record, 'label')) || clean(short, LABEL_LENGTH) || wordsOf(name)
}

function inputFrom(record: JsonObject): InputRecord {
  const name = text(record, 'name')
  const type = INPUT_TYPES.find((known) => known === own(record, 'type')) ?? null
  const title = inputTitle(record, name)
  if (name.trim() === '' || !type) return { ...NO_INPUT, name, title }
  const multiple = own(record, 'multiple')
  const options = own(record, 'options')
  return {
    name,
    title,
    type,
    kind: type && kindOfInput(type),
    isMultiple: multiple === true || isObject(multiple),
    isInternal: own(record, 'internal') === true,
    isRequired: own(record, 'required') === true,
    options: (Array.isArray(options) ? options : []).map((option) =>
      isObject(option) ? (own(option, 'value') ?? null) : option,
    ),
  }
}

/** Return the kind of media or value of an input's type. */
export function kindOfInput(type: InputType): SocketKind {
  return type === 'select' || type === 'boolean' ? 'choice' : type
}

/** Input names as bindings find them: the first readable one of a name, by its key. */
export function inputsByName(doc: Doc): Map<string, string> {
  const keys = new Map<string, string>()
  for (const key of doc.inputs.order) {
    const { name, type } = inputOf(doc, key)
    if (type && !keys.has(name)) keys.set(name, key)
  }
  return keys
}

/** The template's name; "" for none. */
export function templateName(doc: Doc): string {
  const record = row(doc, 'root', 'template')
  return isObject(record) ? text(record, 'name') : ''
}

/** Artifact name → keys of the stages that produce it, in order. */
export function producersOf(doc: Doc): Map<string, string[]> {
  const producers = new Map<string, string[]>()
  for (const key of readableStages(doc))
    for (const name of stageOf(doc, key).makes) {
      const keys = producers.get(name)
      if (keys) keys.push(key)
      else producers.set(name, [key])
    }
  return producers
}

/** Keys of the stages that count, in order: readable, and the first of their id. */
export function readableStages(doc: Doc): string[] {
  const names = new Set<string>()
  return doc.stages.order.filter((key) => {
    const { id, type } = stageOf(doc, key)
    if (id === '' || names.has(id) || !isStageId(id)) return false
    names.add(id)
    return type !== null
  })
}

const artifactCache = new WeakMap<JsonObject, readonly string[]>()

/** Every artifact that some stage names, whether there is one or not. */
export function askedArtifacts(doc: Doc): Set<string> {
  const artifacts = new Set<string>()
  for (const key of readableStages(doc)) {
    const record = row(doc, 'stages', key)
    if (!isObject(record)) continue
    let names = artifactCache.get(record)
    if (!names) {
      names = namedIn(record)
      artifactCache.set(record, names)
    }
    for (const name of names) artifacts.add(name)
  }
  return artifacts
}

function namedIn(record: JsonObject): string[] {
  const names = fieldNamesIn(record)
  for (const { read: ref } of findRefs(record))
    if (ref.type === 'ref' && ref.root === 'artifacts') names.push(ref.name)
  return names
}

/** Names in fields that hold no references, also of the stages inside. */
function fieldNamesIn(record: JsonObject): string[] {
  const { requires, optional, subStages } = readStage(record)
  const names = [...requires, ...optional, ...subStages.flatMap(fieldNamesIn)]
  const condition = own(record, 'condition')
  if (isObject(condition)) names.push(text(condition, 'artifactName'))
  return names
}

function text(record: JsonObject, key: string): string {
  const value = own(record, key)
  return typeof value === 'string' ? value : ''
}

function texts(value: Json | undefined): string[] {
  if (!Array.isArray(value) || value.length > MAX_LIST) return []
  const isText = (item: Json): item is string => typeof item === 'string' && item.trim() !== ''
  return value.every(isText) ? [...new Set(value)] : []
}
