/** The provider and model that do a stage of a document. */

import type { Doc } from '../../api/schema'
import { doerOf, modelParameter, type ProviderChoice } from '../../chooser/providers'
import { readText } from '../../graph/bindings'
import { stageOf } from '../../graph/documentReaders'
import { parameterValue } from '../../graph/sockets'
import type { ToolTable } from '../../graph/tools'

/** Return who does a stage as it is written. A model that a run decides counts as none. */
export function doerOfStage(doc: Doc, tools: ToolTable, node: string): ProviderChoice | null {
  const stage = stageOf(doc, node)
  const tool = tools.get(stage.tool)
  if (!tool) return null
  const parameter = modelParameter(tool)
  const model = parameter ? parameterValue(parameter.name, tool, stage, tools) : undefined
  const isBound = typeof model === 'string' && readText(model).type !== 'literal'
  return doerOf(tool, isBound ? undefined : model)
}
