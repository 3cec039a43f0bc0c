/** Templates that stages of a document are. Pure. */

import type { Doc, Json } from '../api/schema'
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

/** Those of the document that the editor knows nothing of. */
export function unknownReferences({ stages }: Doc, tools: ToolTable): string[] {
  const records = stages.order.map((key) => stages.rows[key] ?? null)
  return [...referencesOf(records)].filter((reference) => tools.use(reference) === null)
}
