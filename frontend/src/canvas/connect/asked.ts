/** The present graph for questions about connections, and a node's end in it. */

import { type End, editor } from '../../editor/store'
import type { Ask } from './chain'

export function asked(): Ask {
  const { doc, wiring, tools } = editor()
  return { doc, wiring, tools }
}

/** The end that a key means for a node: its first output, else its first empty input. */
export function endOf({ wiring }: Ask, id: string): End | null {
  const node = wiring.nodes.get(id)
  const out = node?.outputs[0]
  if (out) return { node: id, socket: out.key, kind: out.kind, side: 'out' }
  const into = node?.inputs.find((socket) => !socket.isFilled) ?? node?.inputs[0]
  return into ? { node: id, socket: into.key, kind: into.kind, side: 'in' } : null
}
