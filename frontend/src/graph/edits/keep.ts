/**
 * Automatic connections of a stage that is changed. Naming one file ends them all, so what a
 * person saw connected is written down with the change that would undo it.
 */

import type { Doc, Op } from '../../api/schema'
import { applyAll, row } from '../../document/ops'
import { INPUTS, inputOf, stageOf } from '../documentReaders'
import { slotOf, writeImplied } from '../edges'
import { Draft, type Edit } from '../edit'
import { applies } from '../sockets'
import type { ToolTable } from '../tools'
import type { Wire, Wiring } from '../wiring'

/**
 * The edit, with the automatic connections of every stage that it changes as they were before it.
 * wiring: of the document before. Stages that the edit adds or leaves alone keep theirs automatic.
 */
export function withKept(edit: Edit, doc: Doc, wiring: Wiring, tools: ToolTable): Edit {
  const changes = changedStages(edit.ops, doc).flatMap((key) => {
    const implied = (wiring.into.get(key) ?? []).filter((wire) => wire.isImplied)
    return implied.length > 0 ? [{ key, implied }] : []
  })
  if (changes.length === 0) return edit
  const draft = new Draft(applyAll(doc, edit.ops).doc)
  for (const { key, implied } of changes)
    if (stageOf(draft.doc, key).tool === stageOf(doc, key).tool)
      keepImplied(draft, tools, key, implied)
  return draft.ops.length > 0 ? { ...edit, ops: [...edit.ops, ...draft.ops] } : edit
}

/** Write automatic connections of one stage where nothing else fills their ports by now. */
export function keepImplied(
  draft: Draft,
  tools: ToolTable,
  key: string,
  implied: readonly Wire[],
): void {
  const stage = stageOf(draft.doc, key)
  const tool = tools.get(stage.tool)
  if (!tool || stage.type !== 'fixed') return
  const there = implied.filter((wire) => isThere(draft.doc, wire))
  const namesMedia = Object.keys(stage.args).some((name) => tools.argument(tool, name).port)
  // As long as nothing is named, the stage finds something else for a source that is gone.
  if (there.length < implied.length && !namesMedia) return
  for (const port of tool.ports) {
    const socket = `port:${port.name}`
    const wires = there.filter((wire) => wire.targetSocket === socket)
    const slot = slotOf(draft.doc, tools, { node: key, socket })
    if (slot?.value === undefined && applies(port, tool, stage, tools))
      writeImplied(draft, tools, wires)
  }
}

/** Return true if the source of a wire still comes before its target. */
function isThere(doc: Doc, { source, sourceSocket, target, kind }: Wire): boolean {
  if (source === INPUTS) {
    const input = inputOf(doc, sourceSocket)
    return input.type === kind && !input.isInternal
  }
  const { order } = doc.stages
  return row(doc, 'stages', source) !== undefined && order.indexOf(source) < order.indexOf(target)
}

function changedStages(ops: readonly Op[], doc: Doc): string[] {
  const keys = ops.flatMap((op) =>
    op.table === 'stages' && op.op !== 'remove' && row(doc, 'stages', op.key) !== undefined
      ? [op.key]
      : [],
  )
  return [...new Set(keys)]
}
