/** A medium from the picker, put where it is wanted. */

import { applyAll, isObject, row } from '../document/ops'
import { addInput, connect, type Edit, setInputField, setValue } from '../graph/edits'
import { INPUTS, inputOf, inputsByName, stageOf } from '../graph/records'
import type { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import type { Doc, Op, ToolPort } from '../types'
import type { Picked } from './media/picked'

/** Make an input of the medium and bind it to a port, in one step. */
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
  return { label: `Bring ${picked.title} to ${label || port.title}`, ops }
}

/** Put a medium in place of the one that a bound input holds. */
export function replaceMedium(doc: Doc, key: string, picked: Picked): Edit {
  const held = row(doc, 'values', key)
  const isTried = isObject(held) && held.value !== undefined
  const value = inputOf(doc, key).isMultiple ? [picked.value] : picked.value
  return isTried ? setValue(doc, key, value) : setInputField(doc, key, ['default'], value)
}

/** The input that a whole binding names, if it is one. */
export function inputNamed(doc: Doc, text: string): string | null {
  const name = /^\$inputs\.([^.[\]]+)/.exec(text)?.[1]
  return name === undefined ? null : (inputsByName(doc).get(name) ?? null)
}
