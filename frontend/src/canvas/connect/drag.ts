/**
 * An edge while it is drawn: what it may end on, what lies under the pointer, what dropping it
 * does. Nothing here knows of the page: `canvas/tools/connecting.ts` moves it, `Overlay.tsx` shows it.
 */

import type { End } from '../../editor/store'
import { canConnect, type Option, optionsFor } from '../../graph/connect'
import type { Edit } from '../../graph/edit'
import { disconnect } from '../../graph/edits/wires'
import { type Box, type Point, portAt, portOf, portUnder } from '../../graph/geometry'
import { refusal } from '../../graph/rules'
import { AFTER, INSIDE, type Wire, type WiringNode } from '../../graph/wiring'
import { type Ask, after } from './chain'

/** Within this distance of a port the loose end jumps onto it, in screen pixels. */
export const SNAP = 28
export const SNAP_TOUCH = 44
/** Within this distance a port that does not fit is meant, in screen pixels. */
const MEANT = 16

export interface Drag {
  /** The end that stays. */
  readonly from: End
  /** The edge whose input end was taken up. */
  readonly picked: Wire | null
  /** The edit that takes that edge off. */
  readonly off: Edit | null
  /** The graph as it was, and without that edge. */
  readonly whole: Ask
  readonly ask: Ask
  readonly options: ReadonlyMap<string, readonly Option[]>
}

/** The thing under the loose end. */
export type Aim =
  | {
      readonly type: 'port'
      readonly node: string
      readonly socket: string
      readonly fits: boolean
    }
  | { readonly type: 'body'; readonly node: string }
  | null

type Boxes = readonly (readonly [string, Box])[]

/** The effect of dropping. */
export type Outcome =
  | { readonly type: 'edit'; readonly edit: Edit }
  | { readonly type: 'choose'; readonly node: string; readonly options: readonly Option[] }
  | {
      readonly type: 'refuse'
      readonly node: string
      readonly socket: string
      readonly reason: string
      readonly fits: readonly Edit[]
    }
  | { readonly type: 'add' }
  | { readonly type: 'nothing' }

/** Begin at a port. picked: take this edge up from its input and hold it by its source. */
export function begin(ask: Ask, from: End, picked: Wire | null = null): Drag {
  const off = picked && disconnect(ask.doc, picked)
  const without = off ? after(ask, off.ops) : ask
  const groups = optionsFor(without.doc, without.wiring, without.tools, from)
  const options = new Map(groups.map((group) => [group.node, group.options]))
  return { from, picked, off, whole: ask, ask: without, options }
}

/** The edge that a drag from this port takes up: the last one it was given, if it can go. */
export function wireToPick({ wiring }: Ask, from: End): Wire | null {
  if (from.side === 'out' || from.socket === INSIDE) return null
  const wires = (wiring.into.get(from.node) ?? []).filter(
    (wire) => wire.targetSocket === from.socket && !wire.isImplied,
  )
  return wires.at(-1) ?? null
}

/** The end of a wire that stays where it is when its input end is taken up. */
export function sourceOf(wire: Wire): End {
  return { node: wire.source, socket: wire.sourceSocket, kind: wire.kind, side: 'out' }
}

/** Sockets of a node that fit and are shown, so that they can be marked. */
export function shownFits(drag: Drag, node: WiringNode): ReadonlySet<string> {
  const options = drag.options.get(node.id) ?? []
  const sockets = drag.from.side === 'out' ? node.inputs : node.outputs
  const socketKeys = new Set(sockets.map((socket) => socket.key))
  return new Set(options.map((option) => option.socket).filter((key) => socketKeys.has(key)))
}

/** Return true if a node has nothing to offer beyond "after". */
export function isStranger(drag: Drag, id: string): boolean {
  if (id === drag.from.node) return false
  return !(drag.options.get(id) ?? []).some((option) => option.socket !== AFTER)
}

/**
 * Return the aim at a point. boxes: nodes near it where they are shown, the topmost last; zoom:
 * screen pixels per canvas pixel; snap: how near a port the pointer must come, in screen pixels.
 */
export function aimAt(drag: Drag, boxes: Boxes, point: Point, zoom: number, snap: number): Aim {
  const reach = snap / zoom
  let nearest: Aim = null
  let distance = reach
  let body: string | null = null
  for (const [id, box] of boxes) {
    if (!isNear(box, point, reach)) continue
    if (isNear(box, point, 0)) body = id
    const node = drag.ask.wiring.nodes.get(id)
    if (!node) continue
    for (const key of shownFits(drag, node)) {
      const at = portOf(node, drag.from.side === 'out' ? 'in' : 'out', key)
      if (!at) continue
      const away = Math.hypot(box.x + at.x - point.x, box.y + at.y - point.y)
      if (away > distance) continue
      distance = away
      nearest = { type: 'port', node: id, socket: key, fits: true }
    }
  }
  const strange = strangePort(drag, boxes, point, Math.min(MEANT / zoom, 16))
  // A port that does not fit wins only when the pointer is nearer to it than to one that does.
  if (strange && strange.distance < distance) return strange.aim
  if (nearest) return nearest
  return body !== null && body !== drag.from.node ? { type: 'body', node: body } : null
}

function strangePort(
  drag: Drag,
  boxes: Boxes,
  point: Point,
  reach: number,
): { aim: Aim; distance: number } | null {
  for (const [id, box] of [...boxes].reverse()) {
    if (!isNear(box, point, reach)) continue
    const node = drag.ask.wiring.nodes.get(id)
    const local = { x: point.x - box.x, y: point.y - box.y }
    const hit = node && portUnder(node, local, reach)
    if (!node || !hit) continue
    const isStart =
      id === drag.from.node && hit.socket === drag.from.socket && hit.side === drag.from.side
    const fits = hit.side !== drag.from.side && shownFits(drag, node).has(hit.socket)
    if (isStart || fits) return null
    const sockets = hit.side === 'in' ? node.inputs : node.outputs
    const place = sockets.findIndex((socket) => socket.key === hit.socket)
    const at = portAt(node, hit.side, place)
    const distance = Math.hypot(at.x - local.x, at.y - local.y)
    return { aim: { type: 'port', node: id, socket: hit.socket, fits: false }, distance }
  }
  return null
}

function isNear(box: Box, { x, y }: Point, by: number): boolean {
  return (
    x >= box.x - by &&
    x <= box.x + box.width + by &&
    y >= box.y - by &&
    y <= box.y + box.height + by
  )
}

/** The socket a body would be connected by, when there is no doubt. */
export function bestOf(drag: Drag, id: string): Option | null {
  const node = drag.ask.wiring.nodes.get(id)
  if (!node) return null
  const fitKeys = shownFits(drag, node)
  const options = (drag.options.get(id) ?? []).filter(
    (option) => option.socket !== AFTER && fitKeys.has(option.socket),
  )
  return options.length === 1 ? (options[0] ?? null) : null
}

/** Return the effect of dropping there. */
export function drop(drag: Drag, aim: Aim): Outcome {
  const { picked, from } = drag
  if (aim === null) return drag.off ? { type: 'edit', edit: drag.off } : { type: 'add' }
  if (aim.type === 'body') {
    if (picked && aim.node === picked.target) return { type: 'nothing' }
    return onBody(drag, aim.node)
  }
  if (picked && aim.node === picked.target && aim.socket === picked.targetSocket)
    return { type: 'nothing' }
  if (aim.node === from.node && aim.socket === from.socket) return { type: 'nothing' }
  return onSocket(drag, aim.node, aim.socket)
}

function onBody(drag: Drag, id: string): Outcome {
  const options = drag.options.get(id) ?? []
  const best = bestOf(drag, id)
  if (best) return onSocket(drag, id, best.socket)
  if (options.some((option) => option.socket !== AFTER))
    return { type: 'choose', node: id, options }
  const node = drag.ask.wiring.nodes.get(id)
  const sockets = drag.from.side === 'out' ? node?.inputs : node?.outputs
  const port = sockets?.find((socket) => socket.key.startsWith('port:')) ?? sockets?.[0]
  return onSocket(drag, id, port?.key ?? AFTER)
}

/** Connect to one socket, as an edit or a refusal with what would fit. */
export function onSocket(drag: Drag, node: string, socket: string): Outcome {
  const { doc, wiring, tools } = drag.ask
  const connection = canConnect(doc, wiring, tools, drag.from, { node, socket })
  if (connection.ok) {
    const label = drag.picked ? `Reconnect to ${nameOf(drag, node)}` : connection.label
    return { type: 'edit', edit: whole(drag, { ...connection, label }) }
  }
  const fits = connection.fits.slice(0, 2).map((fit) => whole(drag, fit))
  const order = (drag.options.get(node) ?? []).find((option) => option.socket === AFTER)
  if (order && drag.from.side === 'out' && fits.length === 0)
    fits.push(
      whole(drag, {
        ...order.edit(),
        label: `Run ${nameOf(drag, node)} after this`,
        hint: 'Waits for the stage without using its result.',
      }),
    )
  return { type: 'refuse', node, socket, reason: connection.reason, fits }
}

/** Return the reason that a socket would not take the edge, or null; no alternatives. */
export function whyNot({ ask, from }: Drag, node: string, socket: string): string | null {
  const other = { node, socket }
  return from.side === 'out' ? refusal(ask, from, other) : refusal(ask, other, from)
}

/** An edit of the graph without the picked edge, as one of the whole graph. */
export function whole({ off }: Drag, edit: Edit): Edit {
  return off ? { ...edit, ops: [...off.ops, ...edit.ops] } : edit
}

function nameOf(drag: Drag, id: string): string {
  return drag.ask.wiring.nodes.get(id)?.title ?? id
}
