/** A file from the picker, put where it is wanted. */

import type { Doc, Op, ToolPort } from '../api/schema'
import { applyAll } from '../document/ops'
import { INPUTS, stageOf } from '../graph/documentReaders'
import type { Edit } from '../graph/edit'
import { setInputField } from '../graph/edits/fields'
import { addInput } from '../graph/edits/names'
import { connect } from '../graph/edits/wires'
import type { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import type { Picked } from './media/picked'

/** Make an input of the file and bind it to a port, in one step. */
export function bringMedium(
  doc: Doc,
  tools: ToolTable,
  node: string,
  port: ToolPort,
  picked: Picked,
): Edit {
  const ops: Op[] = []
  let next = doc
  const add = (edit: Edit) => {
    ops.push(...edit.ops)
    next = applyAll(next, edit.ops).doc
  }
  const kind = port.kind === 'model' ? 'image' : port.kind
  const label = stageOf(doc, node).label
  add(addInput(next, kind, `${label} ${port.title}`.trim().toLowerCase().slice(0, 40)))
  const key = next.inputs.order.at(-1) ?? ''
  add(setInputField(next, key, ['default'], picked.value))
  add(setInputField(next, key, ['required'], false))
  add(setInputField(next, key, ['description'], port.title))
  const target = { node, socket: `port:${port.name}` }
  add(connect(next, readWiring(next, tools), tools, { node: INPUTS, socket: key }, target))
  return { label: `Add ${picked.title} to ${label || port.title}`, ops }
}
