/** The settings of stages beside their work: conditions, pauses, repetition. Pure. */

import {
  CONDITION_TYPES,
  type ConditionType,
  type Doc,
  type Json,
  type JsonObject,
} from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { readText } from './bindings'
import { expressionWords } from './conditionWords'
import {
  inputOf,
  inputsByName,
  producersOf,
  readableStages,
  readStage,
  stageOf,
} from './documentReaders'
import { titleOf, type Wiring } from './wiring'
import { clean, wordsOf } from './words'

/** The condition on which a stage runs. Fields that its type does not ask for are "". */
export interface Condition {
  readonly type: ConditionType
  readonly stageId: string
  readonly artifactName: string
  readonly expression: string
}

/** A stage looks at another to know whether it runs. */
export interface Tie {
  readonly source: string
  readonly target: string
}

/** A word or two on a node. type: what it is about. */
export interface Mark {
  readonly type: 'bypass' | 'condition' | 'checkpoint'
  readonly words: string
}

const NAMED = /\$artifacts\.([A-Za-z0-9_-]+)/g
const MOST_WORDS = 44
const NO_MARKS: readonly Mark[] = []

/** The condition of a stage; null: it always runs, or what is there cannot be read. */
export function conditionOf(record: Json | undefined): Condition | null {
  const content = isObject(record) ? own(record, 'condition') : undefined
  if (!isObject(content)) return null
  const type = CONDITION_TYPES.find((known) => known === own(content, 'type'))
  if (!type || type === 'always') return null
  const text = (name: string) => {
    const value = own(content, name)
    return typeof value === 'string' ? value : ''
  }
  const [stageId, artifactName, expression] = [
    text('stageId'),
    text('artifactName'),
    text('expression'),
  ]
  return { type, stageId, artifactName, expression }
}

/** Keys of the stages that a condition looks at, each once. */
export function conditionSources(doc: Doc, condition: Condition): string[] {
  const producers = producersOf(doc)
  switch (condition.type) {
    case 'if_success_of':
    case 'if_error_in':
      return readableStages(doc).filter((key) => stageOf(doc, key).id === condition.stageId)
    case 'if_artifact_exists':
      return producers.get(condition.artifactName) ?? []
    default: {
      const names = [...condition.expression.matchAll(NAMED)].map((found) => found[1] as string)
      return [...new Set(names.flatMap((name) => producers.get(name) ?? []))]
    }
  }
}

const ties = new WeakMap<Doc['stages'], readonly Tie[]>()

/** List stages with those their conditions look at, in order. Kept with the table of stages. */
export function tiesOf(doc: Doc): readonly Tie[] {
  const cachedTies = ties.get(doc.stages)
  if (cachedTies) return cachedTies
  const list: Tie[] = []
  for (const target of readableStages(doc)) {
    const condition = conditionOf(row(doc, 'stages', target))
    if (!condition) continue
    for (const source of conditionSources(doc, condition))
      if (source !== target) list.push({ source, target })
  }
  ties.set(doc.stages, list)
  return list
}

/** "only if Keyframe succeeded". */
export function conditionWords(doc: Doc, wiring: Wiring, condition: Condition): string {
  const [source] = conditionSources(doc, condition)
  const title = source === undefined ? '' : titleOf(wiring, source)
  const titleOfName = (name: string) => {
    const key = producersOf(doc).get(name)?.at(-1)
    return key === undefined ? name : titleOf(wiring, key)
  }
  switch (condition.type) {
    case 'if_success_of':
      return `only if ${title || condition.stageId || '…'} succeeded`
    case 'if_error_in':
      return `only if ${title || condition.stageId || '…'} failed`
    case 'if_artifact_exists':
      return `only if ${title || condition.artifactName || '…'} has a result`
    default:
      return clean(
        `only if ${expressionWords(doc, condition.expression, titleOfName) || '…'}`,
        MOST_WORDS,
      )
  }
}

const CHECKPOINTS = ['checkpointRequired', 'humanApprovalDefault']

/** Return true if a run waits after this stage: either field says so. */
export function asksForApproval(record: JsonObject): boolean {
  return CHECKPOINTS.some((field) => own(record, field) === true)
}

/** Return the marks above a node's picture. */
export function marksOf(doc: Doc, wiring: Wiring, key: string): readonly Mark[] {
  const record = row(doc, 'stages', key)
  const condition = conditionOf(record)
  const pauses = isObject(record) && asksForApproval(record)
  const { isBypassed } = readStage(record)
  if (!condition && !pauses && !isBypassed) return NO_MARKS
  const marks: Mark[] = []
  if (isBypassed) marks.push({ type: 'bypass', words: 'Bypassed' })
  if (condition) marks.push({ type: 'condition', words: conditionWords(doc, wiring, condition) })
  if (pauses) marks.push({ type: 'checkpoint', words: 'waits for approval' })
  return marks
}

/** Count how often a run of these stages asks someone, as far as the template says. */
export function asksOf(doc: Doc, keys: Iterable<string>): number {
  let count = 0
  for (const key of keys) {
    const record = row(doc, 'stages', key)
    if (!isObject(record)) continue
    const { type, tool } = readStage(record)
    if (type === 'interactive') count += 1
    else if (tool.replace(/^sogni_/, '') === 'ask_clarifying_question') count += 1
    if (asksForApproval(record)) count += 1
  }
  return count
}

/** An element of what a batch goes through: what `$item` has, and an example of it. */
export interface Sample {
  /** null: nothing is known before the run. */
  readonly elements: readonly Json[] | null
  /** Names after `$item.` beside `index`. */
  readonly fields: readonly string[]
  /** Its kind, when it is a file. */
  readonly kind: 'image' | 'video' | 'audio' | 'model' | null
}

/** Return the facts about a batch's elements before it runs. */
export function sampleOf(doc: Doc, wiring: Wiring, key: string): Sample {
  const stage = stageOf(doc, key)
  const own_ = stage.itemName || 'item'
  const reference = readText(stage.over)
  if (reference.type !== 'ref') return { elements: null, fields: [own_], kind: null }
  if (reference.root === 'artifacts') {
    const source = (wiring.into.get(key) ?? []).find((wire) => wire.targetSocket === 'over')
    const kind = source?.kind
    const isMedium = kind === 'image' || kind === 'video' || kind === 'audio' || kind === 'model'
    return { elements: null, fields: [own_], kind: isMedium ? kind : null }
  }
  const input = inputsByName(doc).get(reference.name)
  if (reference.root !== 'inputs' || input === undefined)
    return { elements: null, fields: [own_], kind: null }
  const { type } = inputOf(doc, input)
  const kind = type === 'image' || type === 'video' || type === 'audio' ? type : null
  const testRecord = row(doc, 'values', input)
  const declaration = row(doc, 'inputs', input)
  const value =
    (isObject(testRecord) ? own(testRecord, 'value') : undefined) ??
    (isObject(declaration) ? own(declaration, 'default') : undefined)
  const elements = Array.isArray(value) ? value : linesOf(value)
  const first = elements?.[0]
  const fields = isObject(first) && !kind ? [...Object.keys(first), own_] : [own_]
  return { elements, fields: [...new Set(fields)], kind }
}

/** A text is a list, too: of its lines, or as JSON. */
function linesOf(value: Json | undefined): readonly Json[] | null {
  if (typeof value !== 'string' || value.trim() === '') return null
  if (value.trimStart().startsWith('['))
    try {
      const json = JSON.parse(value) as Json
      if (Array.isArray(json)) return json
    } catch {
      // Then its lines.
    }
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

/** Return the label of an item, as the run will write it: `{index}` counts from 1. at: from 0. */
export function labelOf(template: string, element: Json, at: number, itemName: string): string {
  const fields: JsonObject = isObject(element) ? element : { value: element, [itemName]: element }
  const label = template.replace(/\{([^{}]*)\}/g, (text, name: string) => {
    if (name.trim() === 'index') return String(at + 1)
    const value = own(fields, name.trim())
    return typeof value === 'string' || typeof value === 'number' ? String(value) : text
  })
  return itemTitle(clean(label), at, itemName)
}

/** Return the title of an item: its label, else "Scene 3". */
export function itemTitle(label: string, at: number, itemName = ''): string {
  return label || `${wordsOf(itemName) || 'Item'} ${at + 1}`
}
