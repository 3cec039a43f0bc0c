/** Templates that stages of a document are. Pure. */

import type { Doc, Json } from '../api/schema'
import { isObject, own } from '../document/ops'
import { readStage } from './documentReaders'
import { insideOf } from './nesting'
import { isTemplate, type ToolTable } from './tools'

/** List the templates that stages are, also stages inside others, each once. */
export function referencesOf(records: readonly Json[]): Set<string> {
  const tools = records.flatMap((record) => {
    const stage = readStage(record)
    return [stage.tool, ...insideOf(stage).map((inner) => inner.stage.tool)]
  })
  return new Set(tools.filter(isTemplate))
}

/** A template or a part of one, its stages naming templates otherwise. names: new ones by old ones. */
export function withTemplates(value: Json, names: Readonly<Record<string, string>>): Json {
  if (!isObject(value)) return value
  const { tool, itemStage, stages, subStages } = value
  const lists = Object.entries({ stages, subStages }).flatMap(([field, list]) =>
    Array.isArray(list) ? [[field, list.map((part) => withTemplates(part, names))]] : [],
  )
  return {
    ...value,
    ...(typeof tool === 'string' ? { tool: own(names, tool) ?? tool } : {}),
    ...(itemStage === undefined ? {} : { itemStage: withTemplates(itemStage, names) }),
    ...Object.fromEntries(lists),
  }
}

/** Those that stages of the document are. */
export function referencesIn({ stages }: Doc): Set<string> {
  return referencesOf(stages.order.map((key) => stages.rows[key] ?? null))
}

/** Those of the document that the editor knows nothing of. */
export function unknownReferences(doc: Doc, tools: ToolTable): string[] {
  return [...referencesIn(doc)].filter((reference) => tools.use(reference) === null)
}
