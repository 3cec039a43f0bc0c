/** The sources that a place of a stage may be bound to, as choices of a list. */

import type { Choice } from '../chooser/Combobox'
import { editor } from '../editor/store'
import { type Option, optionsFor } from '../graph/connect'
import { INPUTS, stageOf } from '../graph/documentReaders'
import { bindItem } from '../graph/edits/items'
import { sampleOf } from '../graph/flow'
import { wordsOf } from '../graph/words'
import { Shape } from '../parts/Shape'

export interface Fitting {
  readonly choice: Choice
  readonly option: Option
}

/** Fitting sources of a socket, inputs first, then stages in order. */
export function fittingSources(node: string, socket: string): Fitting[] {
  const { doc, wiring, tools } = editor()
  const sources = optionsFor(doc, wiring, tools, { node, socket }).flatMap((group) =>
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
  return [...itemSources(node, socket), ...sources]
}

/** Inside a batch: what the element at hand is, and its parts. */
export function itemSources(node: string, socket: string): Fitting[] {
  const { doc, wiring, tools } = editor()
  const stage = stageOf(doc, node)
  const isPort = socket.startsWith('port:')
  if (stage.type !== 'batch' || !(isPort || socket.startsWith('arg:'))) return []
  const tool = tools.get(stage.tool)
  const port = tool?.ports.find((known) => `port:${known.name}` === socket)
  const sample = sampleOf(doc, wiring, node)
  if (isPort && sample.kind !== port?.kind) return []
  // Words are not made of pictures.
  const names = isPort ? sample.fields : [...(sample.kind ? [] : sample.fields), 'index']
  return names.map((name) => ({
    choice: {
      id: `$item/${name}`,
      label: name === 'index' ? 'Item number' : wordsOf(name),
      detail: 'each item',
      icon: <Shape kind={isPort && port ? port.kind : name === 'index' ? 'number' : 'text'} />,
    },
    option: {
      node: '$item',
      socket: name,
      title: wordsOf(name),
      detail: '',
      kind: 'text',
      edit: () => bindItem(doc, tools, { node, socket }, `$item.${name}`),
    },
  }))
}
