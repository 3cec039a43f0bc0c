/** The file a control works on: what its stage will get, or one chosen to stand in for it. */

import { useState } from 'react'
import type { Tool } from '../../api/schema'
import { editor, useEditor } from '../../editor/store'
import { inputOf } from '../../graph/documentReaders'
import { setValue } from '../../graph/edits/fields'
import { type Found, useFound } from '../../run/source'
import type { Picked } from '../media/picked'
import { perform } from '../perform'
import { bringMedium } from '../upload'

export interface EditMedium {
  readonly result: Found
  /** Take this one: as the stage's where it has none, else only to work on. */
  readonly choose: (picked: Picked) => void
}

export function useEditMedium(node: string, tool: Tool, portName: string): EditMedium {
  const lookup = useFound(node, portName)
  const [chosen, setChosen] = useState<Picked | null>(null)
  const standIn = useEditor((state) => (chosen ? state.media[chosen.value] : undefined))
  const result: Found =
    lookup.source === null && chosen && standIn
      ? {
          source: { ...standIn, from: { type: 'file', key: '', title: chosen.title } },
          lack: null,
        }
      : lookup
  const choose = (picked: Picked) => {
    const { lack } = lookup
    const port = tool.ports.find((one) => one.name === portName)
    if (lack?.type === 'nothing' && port)
      perform(bringMedium(editor().doc, editor().tools, node, port, picked))
    else if (lack?.type === 'empty') {
      const { isMultiple } = inputOf(editor().doc, lack.input)
      perform(setValue(editor().doc, lack.input, isMultiple ? [picked.value] : picked.value))
    } else setChosen(picked)
  }
  return { result, choose }
}
