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
  let next = doc
  const add = (edit: Edit) => {
    ops.push(...edit.ops)
    next = applyAll(next, edit.ops).doc
  }
  const name = stageOf(doc, node).label || 'image'
  const maskInput = paintedInput(doc, tools, node, port)
  if (maskInput === null) add(addInput(next, 'image', `${name} mask`.toLowerCase().slice(0, 40)))
  const key = maskInput ?? next.inputs.order.at(-1) ?? ''
  if (maskInput === null) {
    // It belongs to the image: people who run the template do not fill it in.
    add(setInputField(next, key, ['internal'], true))
    add(setInputField(next, key, ['required'], false))
    add(setInputField(next, key, ['description'], `Mask for ${name}`))
  }
  add(setInputField(next, key, ['default'], picked.value))
  add(setValue(next, key, undefined))
  if (maskInput === null) {
    const target = { node, socket: `port:${port.name}` }
    add(connect(next, readWiring(next, tools), tools, { node: INPUTS, socket: key }, target))
  }
  return { label: `Draw mask of ${name}`, ops }
}

/** The input that an earlier mask of this port is in, if it was painted for it alone. */
function paintedInput(doc: Doc, tools: ToolTable, node: string, port: ToolPort): string | null {
  const current = items(slotOf(doc, tools, { node, socket: `port:${port.name}` })?.value)[0]
  const reference = typeof current === 'string' ? readText(current) : null
  if (reference?.type !== 'ref' || reference.root !== 'inputs') return null
  const key = inputsByName(doc).get(reference.name)
  if (key === undefined || !inputOf(doc, key).isInternal) return null
  // A copy of the stage names it, too: that one's mask stays as it is.
  const users = readWiring(doc, tools).edges.filter(
    (wire) => wire.source === INPUTS && wire.sourceSocket === key,
  )
  return users.length === 1 ? key : null
}
