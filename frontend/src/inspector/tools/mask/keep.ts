/** A painted mask in the document: the default of an input that no one is asked for. */

import type { Doc, Op, ToolPort } from '../../../api/schema'
import { applyAll } from '../../../document/ops'
import { readText } from '../../../graph/bindings'
import { INPUTS, inputOf, inputsByName, stageOf } from '../../../graph/documentReaders'
import { items, slotOf } from '../../../graph/edges'
import type { Edit } from '../../../graph/edit'
import { setInputField, setValue } from '../../../graph/edits/fields'
import { addInput } from '../../../graph/edits/names'
import { connect } from '../../../graph/edits/wires'
import type { ToolTable } from '../../../graph/tools'
import { readWiring } from '../../../graph/wiring'
import type { Picked } from '../../media/picked'

/** Put a mask at a port, in place of one that was painted for it before. One step. */
export function keepMask(
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
  const name = stageOf(doc, node).label || 'image'
  const painted = paintedInput(doc, tools, node, port)
  if (painted === null) add(addInput(made, 'image', `${name} mask`.toLowerCase().slice(0, 40)))
  const key = painted ?? made.inputs.order.at(-1) ?? ''
  if (painted === null) {
    // It belongs to the image: people who run the template do not fill it in.
    add(setInputField(made, key, ['internal'], true))
    add(setInputField(made, key, ['required'], false))
    add(setInputField(made, key, ['description'], `Mask for ${name}`))
  }
  add(setInputField(made, key, ['default'], picked.value))
  add(setValue(made, key, undefined))
  if (painted === null) {
    const target = { node, socket: `port:${port.name}` }
    add(connect(made, readWiring(made, tools), tools, { node: INPUTS, socket: key }, target))
  }
  return { label: `Draw mask of ${name}`, ops }
}

/** The input that an earlier mask of this port is in, if it was painted for it alone. */
function paintedInput(doc: Doc, tools: ToolTable, node: string, port: ToolPort): string | null {
  const held = items(slotOf(doc, tools, { node, socket: `port:${port.name}` })?.value)[0]
  const read = typeof held === 'string' ? readText(held) : null
  if (read?.type !== 'ref' || read.root !== 'inputs') return null
  const key = inputsByName(doc).get(read.name)
  if (key === undefined || !inputOf(doc, key).isInternal) return null
  // A copy of the stage names it, too: that one's mask stays as it is.
  const users = readWiring(doc, tools).edges.filter(
    (wire) => wire.source === INPUTS && wire.sourceSocket === key,
  )
  return users.length === 1 ? key : null
}
