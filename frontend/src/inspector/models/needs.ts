/** The arguments that a stage of the document gives its model, and its needs of a model. Pure. */

import type { Doc, Tool } from '../../api/schema'
import { type Needs, NO_NEEDS, wishesOf } from '../../chooser/choices'
import type { CallArguments } from '../../chooser/facts'
import { type StageRecord, stageOf } from '../../graph/documentReaders'
import { items, slotOf } from '../../graph/edges'
import { isBlank, parameterValue } from '../../graph/sockets'
import type { ToolTable } from '../../graph/tools'
import type { Wiring } from '../../graph/wiring'

export function argumentsOf(tool: Tool, stage: StageRecord, tools: ToolTable): CallArguments {
  const set = Object.entries(stage.args).filter(([, value]) => !isBlank(value))
  return {
    value: (name) => parameterValue(name, tool, stage, tools),
    names: new Set(set.flatMap(([spelled]) => tools.parameter(tool, spelled)?.name ?? [])),
  }
}

export function needsOf(doc: Doc, tools: ToolTable, wiring: Wiring, node: string): Needs {
  const stage = stageOf(doc, node)
  const tool = tools.get(stage.tool)
  if (!tool) return NO_NEEDS
  const files = new Map<string, number>()
  for (const { name } of tool.ports) {
    const socket = `port:${name}`
    const wires = (wiring.into.get(node) ?? []).filter((wire) => wire.targetSocket === socket)
    const valueCount = items(slotOf(doc, tools, { node, socket })?.value).length
    const count = valueCount || wires.filter((wire) => wire.isImplied).length
    if (count > 0) files.set(name, count)
  }
  return { files, ...wishesOf(argumentsOf(tool, stage, tools)) }
}
