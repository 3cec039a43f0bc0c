/** What may be bound to a place of a stage, as choices of a list. */

import { editor } from '../editor/store'
import { type Option, optionsFor } from '../graph/connect'
import { INPUTS } from '../graph/records'
import { Shape } from '../parts/Shape'
import type { Choice } from './Combobox'

export interface Fitting {
  readonly choice: Choice
  readonly option: Option
}

/** Fitting sources of a socket, inputs first, then stages in order. */
export function fittingSources(node: string, socket: string): Fitting[] {
  const { doc, wiring, tools } = editor()
  return optionsFor(doc, wiring, tools, { node, socket }).flatMap((group) =>
    group.options.map((option) => ({
      option,
      choice: {
        id: `${option.node}/${option.socket}`,
        label: group.node === INPUTS ? option.title : group.title,
        detail: group.node === INPUTS ? 'input' : '',
        icon: <Shape kind={option.kind} />,
      },
    })),
  )
}
