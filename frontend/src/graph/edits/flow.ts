/** Stages that do no work of their own: one asks a person, one does another for each of a list. */

import type { Doc, Json, JsonObject, Tool } from '../../api/schema'
import { row } from '../../document/ops'
import { findRefs, inputText, readText } from '../bindings'
import { inputOf, inputsByName, readableStages, stageOf } from '../documentReaders'
import { givesList } from '../edges'
import { Draft, type Edit, edit, freshKey, freshLabel, nameOf } from '../edit'
import { type Point, snap } from '../geometry'
import { mainText, type ToolTable } from '../tools'

const TITLES = { interactive: 'Question', batch: 'Repeat for each' } as const

const BATCH = {
  overBinding: '',
  itemName: 'item',
  concurrency: 4,
  itemLabelTemplate: '{index}',
} as const
const ELEMENT = '$item.item'
const ONLY_OF_BATCHES = [
  ...Object.keys(BATCH),
  'itemStage',
  'partialExecutionEnabled',
  'maxAttemptsPerItem',
]

/** Return the reason that a stage can't be repeated for each item of a list, or null. */
export function notRepeatable(doc: Doc, key: string): string | null {
  const { type, tool, subStages } = stageOf(doc, key)
  if (type === 'batch') return 'Choose “Run once” first.'
  if (type !== 'fixed' || tool === '' || subStages.length > 0)
    return 'Select a stage with a tool or a template first.'
  return null
}

/**
 * Do what a stage does for each item of a list. A list that it takes one of becomes the one it goes
 * through, as does the only input it takes, which gets multiple values; else a file that it needs
 * is the item, or its text where no one typed one.
 */
export function repeatStage(doc: Doc, tools: ToolTable, key: string): Edit {
  const label = `Repeat ${nameOf(doc, key)} for each`
  if (notRepeatable(doc, key) !== null) return edit(label, [])
  const draft = new Draft(doc)
  const stage = stageOf(doc, key)
  const tool = tools.get(stage.tool)
  const args: Record<string, Json> = { ...stage.args }
  const lists = Object.entries(args).map(([name, value]) => ({ name, over: listOf(doc, value) }))
  const single = inputOnlyFor(doc, key)
  const over = single && inputText(inputOf(doc, single).name)
  const list = lists.find((one) => one.over !== '') ?? lists.find((one) => args[one.name] === over)
  const text = tool && mainText(tool)
  if (list && tool) {
    // A file's place takes the item when nothing is in it.
    if (tools.port(tool, list.name)) delete args[list.name]
    else args[list.name] = ELEMENT
  } else if (text && !tool.ports.some((port) => port.isRequired && !(port.argument in args))) {
    const value = args[text.name]
    const hasWords =
      typeof value === 'string' && value.trim() !== '' && findRefs(value).length === 0
    if (!hasWords) args[text.name] = ELEMENT
  }
  draft.setField(key, ['type'], 'batch')
  for (const [name, value] of Object.entries(BATCH)) draft.setField(key, [name], value)
  if (list) draft.setField(key, ['overBinding'], list.over || over)
  if (list?.over === '' && single) draft.set('inputs', single, ['multiple'], { min: 1 })
  draft.setField(key, ['itemStage'], { type: 'fixed', tool: stage.tool, args })
  if (stage.produces.length === 0) draft.setField(key, ['produces'], [key])
  draft.setField(key, ['tool'], undefined)
  draft.setField(key, ['args'], undefined)
  return edit(label, draft.ops, [key])
}

/** Return true for a batch of one call; stages inside a batch name its items. */
export function canRunOnce(doc: Doc, key: string): boolean {
  const { type, tool, subStages } = stageOf(doc, key)
  return type === 'batch' && tool !== '' && subStages.length === 0
}

/** Do what a batch does for each only once: arguments that were the item are to be given. */
export function runOnce(doc: Doc, key: string): Edit {
  const label = `Run ${nameOf(doc, key)} once`
  const { tool, args, over } = stageOf(doc, key)
  if (!canRunOnce(doc, key)) return edit(label, [])
  const draft = new Draft(doc)
  const values = Object.entries(args).flatMap(([name, value]): [string, Json][] => {
    const isItem = findRefs(value).some(({ read }) => read.type === 'ref' && read.root === 'item')
    if (!isItem) return [[name, value]]
    // What it went through, it has the first of.
    const first = readText(over)
    return first.type === 'ref' && first.root === 'inputs'
      ? [[name, `${inputText(first.name)}[0]`]]
      : []
  })
  draft.setField(key, ['type'], 'fixed')
  draft.setField(key, ['tool'], tool)
  draft.setField(key, ['args'], Object.fromEntries(values))
  for (const name of ONLY_OF_BATCHES) draft.setField(key, [name], undefined)
  return edit(label, draft.ops, [key])
}

/** Return the key of the input that a stage takes, once, where it's the only one and only there. */
function inputOnlyFor(doc: Doc, key: string): string | undefined {
  const [name, ...others] = inputsIn(row(doc, 'stages', key))
  const input = name && inputsByName(doc).get(name)
  const uses = doc.stages.order.flatMap((one) => inputsIn(row(doc, 'stages', one)))
  const isOnly = others.length === 0 && uses.filter((used) => used === name).length === 1
  return input && isOnly && inputOf(doc, input).type !== 'boolean' ? input : undefined
}

/** List the inputs that a stage takes, in conditions as in arguments, as often as it does. */
function inputsIn(record: Json | undefined): string[] {
  const matches = JSON.stringify(record ?? null).matchAll(/\$inputs\.([A-Za-z_][\w-]*)/g)
  return [...matches].map((match) => match[1] ?? '')
}

/** Return the list that a value takes one of, as a batch names it; empty: none. */
function listOf(doc: Doc, value: Json): string {
  const ref = typeof value === 'string' ? readText(value) : null
  if (ref?.type !== 'ref') return ''
  if (ref.root === 'inputs') {
    const isList = doc.inputs.order.some((one) => {
      const { name, isMultiple } = inputOf(doc, one)
      return name === ref.name && isMultiple
    })
    return isList ? inputText(ref.name) : ''
  }
  if (ref.root !== 'artifacts') return ''
  const maker = readableStages(doc).find((one) => stageOf(doc, one).makes.includes(ref.name))
  return maker !== undefined && givesList(doc, maker) ? `$artifacts.${ref.name}.items` : ''
}

/** Add an interactive or a batch stage. item: the tool a batch does for each element. */
export function addFlowStage(
  doc: Doc,
  type: 'interactive' | 'batch',
  at: Point | null,
  item: Tool | null = null,
): Edit {
  const draft = new Draft(doc)
  const title = TITLES[type]
  const key = freshKey(doc, type === 'batch' ? 'each' : 'ask')
  const label = freshLabel(doc, title)
  const stage: JsonObject = { id: key, type, label, produces: [key] }
  const value: JsonObject =
    type === 'interactive'
      ? { ...stage, userMessage: 'What should it be?' }
      : {
          ...stage,
          ...BATCH,
          itemStage: {
            type: 'fixed',
            tool: item?.name ?? 'generate_image',
            args: item ? {} : { prompt: ELEMENT },
          },
        }
  draft.add({ op: 'put', table: 'stages', key, value })
  if (at) {
    const node = { stageId: key, x: snap(at.x), y: snap(at.y) }
    draft.add({ op: 'put', table: 'nodes', key, value: node })
  }
  return edit(`Add ${title}`, draft.ops, [key])
}
