/** An argument of a stage as a slot: where its value is, and how it is written. */

import type { Doc, Json, Tool } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { act } from '../../editor/actions'
import { editor } from '../../editor/store'
import { slotOf } from '../../graph/edges'
import { Draft, fieldOf, nameOf } from '../../graph/edit'
import type { ToolTable } from '../../graph/tools'
import { type Slot, withField } from '../form/slot'

/** The argument under whatever spelling it has, and the way to it in the stage's record. */
export function argumentSlot(
  doc: Doc,
  tools: ToolTable,
  key: string,
  parameter: string,
  title: string,
): Slot & { field: readonly string[] } {
  const place = slotOf(doc, tools, { node: key, socket: `arg:${parameter}` })
  const field = place?.field ?? ['args', parameter]
  return { ...fieldSlot('stages', key, field, title, place?.value), field }
}

/** Any field of a record as a slot. Null counts as nothing. */
export function recordSlot(
  doc: Doc,
  table: 'stages' | 'inputs' | 'root' | 'frames' | 'notes',
  key: string,
  field: readonly string[],
  title: string,
): Slot {
  return fieldSlot(table, key, field, title, fieldOf(row(doc, table, key), field))
}

function fieldSlot(
  table: 'stages' | 'inputs' | 'root' | 'frames' | 'notes',
  key: string,
  field: readonly string[],
  title: string,
  value: Json | undefined,
): Slot {
  return {
    value: value ?? undefined,
    write: (next, { burst = false, inside = [] } = {}) => {
      const draft = new Draft(editor().doc)
      const isWhole = inside.length > 0 && !isObject(value)
      const way = isWhole ? field : [...field, ...inside]
      const nextValue = isWhole ? withField(undefined, inside, next) : next
      if (table === 'stages') draft.setField(key, way, nextValue)
      else draft.set(table, key, way, nextValue)
      const what = table === 'root' ? 'the template' : nameOf(editor().doc, key)
      const label = `Change ${title.toLowerCase()} of ${what}`
      const merge = `${table}/${key}/${way.join('/')}`
      act({ label, ops: [...draft.ops] }, burst ? { merge } : {})
    },
  }
}

/** Arguments that neither a port nor a parameter of the tool reads. */
export function unknownArguments(
  tools: ToolTable,
  tool: Tool,
  args: Readonly<Record<string, Json>>,
): string[] {
  return Object.keys(args).filter((name) => {
    const argument = tools.argument(tool, name)
    return !argument.port && !argument.parameter
  })
}
