/** Several edits as one: each is made for the document that the ones before it leave. */

import type { Doc, Op } from '../../api/schema'
import { applyAll } from '../../document/ops'
import { type Edit, edit } from '../../graph/edit'
import type { ToolTable } from '../../graph/tools'
import { readWiring, type Wiring } from '../../graph/wiring'

export interface Ask {
  readonly doc: Doc
  readonly wiring: Wiring
  readonly tools: ToolTable
}

export type Step = (ask: Ask) => Edit | null

/** The graph after an edit. */
export function after(ask: Ask, ops: readonly Op[]): Ask {
  if (ops.length === 0) return ask
  const { doc } = applyAll(ask.doc, ops)
  return { ...ask, doc, wiring: readWiring(doc, ask.tools, ask.wiring) }
}

/** One edit, one undo step. label: else the last step's. Null when a step is not possible. */
export function chain(ask: Ask, steps: readonly Step[], label?: string): Edit | null {
  const ops: Op[] = []
  let now = ask
  let name = label
  let select: readonly string[] | undefined
  for (const step of steps) {
    const edit = step(now)
    if (!edit) return null
    ops.push(...edit.ops)
    now = after(now, edit.ops)
    if (label === undefined) name = edit.label
    select = edit.select ?? select
  }
  return edit(name ?? '', ops, select)
}
