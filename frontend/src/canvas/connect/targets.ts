/** Everything an end could be connected to, as a list: what fits by node, the rest with reasons. */

import type { SocketKind } from '../../api/schema'
import type { End } from '../../editor/store'
import { canConnect, optionsFor } from '../../graph/connect'
import type { Edit } from '../../graph/edit'
import { AFTER, INPUTS } from '../../graph/wiring'
import { closeness } from '../../parts/matching'
import type { Ask } from './chain'

/** The group of what takes nothing and only comes later. */
const WAITING = 'Runs after this'

export interface Target {
  readonly id: string
  readonly node: string
  /** The node's title. */
  readonly group: string
  readonly title: string
  readonly detail: string
  readonly kind: SocketKind
  /** The reason that it cannot be, or null. */
  readonly reason: string | null
  readonly edit: () => Edit | null
}

export function legalTargets({ doc, wiring, tools }: Ask, from: End): Target[] {
  const matches = optionsFor(doc, wiring, tools, from).flatMap((group) =>
    group.options.map((option) => ({
      id: `${group.node}\n${option.socket}`,
      node: group.node,
      group: option.socket === AFTER ? WAITING : group.title,
      title: option.socket === AFTER ? group.title : option.title,
      detail: option.detail,
      kind: option.kind,
      reason: null,
      edit: option.edit,
    })),
  )
  // What only waits comes below what takes something.
  const isWaiting = (target: Target) => target.group === WAITING
  return [...matches.filter((target) => !isWaiting(target)), ...matches.filter(isWaiting)]
}

/** Ports that do not fit, with the reason; at most `most`, of those that the words mean. */
export function illegalTargets(
  { doc, wiring, tools }: Ask,
  from: End,
  words: string,
  most: number,
): Target[] {
  const legal = new Set(
    optionsFor(doc, wiring, tools, from).flatMap((group) =>
      group.options.map((option) => `${group.node}\n${option.socket}`),
    ),
  )
  const targets: Target[] = []
  for (const node of wiring.nodes.values()) {
    if (node.id === from.node || (from.side === 'out' && node.id === INPUTS)) continue
    for (const socket of from.side === 'out' ? node.inputs : node.outputs) {
      const id = `${node.id}\n${socket.key}`
      if (legal.has(id)) continue
      if (words && closeness(`${node.title} ${socket.title}`, words) === 0) continue
      if (targets.length === most) return targets
      const answer = canConnect(doc, wiring, tools, from, { node: node.id, socket: socket.key })
      if (answer.ok) continue
      const { title, kind } = socket
      const { reason } = answer
      const edit = () => null
      targets.push({ id, node: node.id, group: node.title, title, detail: '', kind, reason, edit })
    }
  }
  return targets
}
