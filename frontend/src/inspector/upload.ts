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
  let made = doc
  const add = (edit: Edit) => {
    ops.push(...edit.ops)
    made = applyAll(made, edit.ops).doc
  }
  const kind = port.kind === 'model' ? 'image' : port.kind
  const label = stageOf(doc, node).label
  add(addInput(made, kind, `${label} ${port.title}`.trim().toLowerCase().slice(0, 40)))
  const key = made.inputs.order.at(-1) ?? ''
  add(setInputField(made, key, ['default'], picked.value))
  add(setInputField(made, key, ['required'], false))
  add(setInputField(made, key, ['description'], port.title))
  const target = { node, socket: `port:${port.name}` }
  add(connect(made, readWiring(made, tools), tools, { node: INPUTS, socket: key }, target))
  return { label: `Add ${picked.title} to ${label || port.title}`, ops }
}
