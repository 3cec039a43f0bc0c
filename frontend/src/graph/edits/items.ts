/** Edits of a batch's use of the element at hand. */

import type { Doc } from '../../api/schema'
import { isBindable, renameRef } from '../bindings'
import { stageOf } from '../documentReaders'
import { type End, items, slotOf } from '../edges'
import { Draft, type Edit, edit, nameOf } from '../edit'
import { mainText, type ToolTable } from '../tools'
import { rewriteStage } from './names'

/** Call the element otherwise; what takes it follows. */
export function renameItem(doc: Doc, key: string, name: string): Edit {
  const draft = new Draft(doc)
  const { itemName } = stageOf(doc, key)
  draft.setField(key, ['itemName'], name || undefined)
  if (itemName !== '' && isBindable(name))
    rewriteStage(draft, key, (read) =>
      read.type === 'ref' && read.root === 'item' && read.name === itemName
        ? renameRef(read, name)
        : read.text,
    )
  return edit(`Rename item of ${nameOf(doc, key)} to ${name}`, draft.ops)
}

/** Do something else for each. Words that stand for the element go along to where they fit. */
export function setItemTool(doc: Doc, tools: ToolTable, key: string, name: string): Edit {
  const draft = new Draft(doc)
  const { args, argsPath, itemName, tool: before } = stageOf(doc, key)
  draft.setField(key, ['itemStage', 'tool'], name)
  const tool = tools.get(name)
  const old = tools.get(before)
  const [was, now] = [old && mainText(old), tool && mainText(tool)]
  const words = `$item.${itemName}`
  if (was && was.name !== now?.name && args[was.name] === words) {
    draft.setField(key, [...argsPath, was.name], undefined)
    if (now) draft.setField(key, [...argsPath, now.name], words)
  }
  return edit(`Change tool of ${nameOf(doc, key)} to ${tool?.title ?? name}`, draft.ops)
}

/** Let an argument of a batch's item take the element, or a part of it. text: `$item.scene`. */
export function bindItem(doc: Doc, tools: ToolTable, target: End, text: string): Edit {
  const draft = new Draft(doc)
  const slot = slotOf(doc, tools, target)
  if (slot) {
    const isList = slot.isList && target.socket.startsWith('port:')
    draft.setField(target.node, slot.field, isList ? [...items(slot.value), text] : text)
  }
  return edit(`Use each item in ${nameOf(doc, target.node)}`, draft.ops)
}
