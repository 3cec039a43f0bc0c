/**
 * The things under a point of the canvas, from the geometry alone: ports and nodes react alike
 * whether they are in the page or painted. Only controls are asked of the page.
 */

import { type End, editor } from '../editor/store'
import { PORT_REACH, PORT_REACH_TOUCH, type Point, portUnder } from '../graph/geometry'
import type { Wire, WiringNode } from '../graph/wiring'
import { nodesAround, under } from './scene'
import { canvas } from './state'
import { camera } from './view'
import { wireUnder } from './wires'

export type Hit =
  /** Something with pointer handling of its own. isAnswer: one that an edge is asked about. */
  | { readonly type: 'control'; readonly isAnswer: boolean }
  | { readonly type: 'port'; readonly end: End }
  | { readonly type: 'node'; readonly id: string }
  | { readonly type: 'wire'; readonly wire: Wire }
  /** isBare: nothing lies over the plane there. */
  | { readonly type: 'ground'; readonly isBare: boolean }

const CONTROL = 'button:not(.written), input, textarea, select, a, [data-own-pointer]'
const ANSWER = '.why, .which, .selection-bar'
/** Painted ports are this small at the least; below, a press means the node. */
const LEAST_ZOOM = 0.5

/** Return true if an element handles the pointer itself. */
export function isControl(target: Element): boolean {
  return target.closest(CONTROL) !== null
}

/** Return the target of an event on the canvas. point: in the window; at: on the plane. */
export function hitAt(target: Element, point: Point, at: Point, isTouch: boolean): Hit {
  if (isControl(target)) return { type: 'control', isAnswer: target.closest(ANSWER) !== null }
  const end = editor().canEdit ? portOn(point, isTouch) : null
  const owner = target.closest<HTMLElement>('[data-node-id]')?.dataset.nodeId
  // A node that lies above hides the port.
  if (end && (owner === undefined || owner === end.node)) return { type: 'port', end }
  if (target.closest('.port')) return { type: 'control', isAnswer: false }
  const node = nodeAt(target, at)
  if (node !== null) return { type: 'node', id: node }
  const isBare = target.matches('.surface-ground, .work-area')
  const wire = isBare && !canvas().isFar ? wireUnder(at) : null
  return wire ? { type: 'wire', wire } : { type: 'ground', isBare }
}

/** The node that an element of the canvas is of, or that is painted at a point of the plane. */
export function nodeAt(target: Element, at: Point): string | null {
  const own = target.closest<HTMLElement>('[data-node-id]')
  if (own) return own.dataset.nodeId ?? null
  return canvas().isFar ? under(at) : null
}

/** The port under a point of the window, with what it carries. */
export function portOn(point: Point, isTouch: boolean): End | null {
  const { zoom } = camera.view
  if (zoom < LEAST_ZOOM) return null
  const at = camera.toPlane(point)
  const reach = isTouch ? PORT_REACH_TOUCH / Math.min(zoom, 1) : PORT_REACH
  const { wiring } = editor()
  for (const [id, box] of nodesAround(at, reach).reverse()) {
    const node = wiring.nodes.get(id)
    const end = node && endUnder(node, { x: at.x - box.x, y: at.y - box.y }, reach)
    if (end) return end
  }
  return null
}

/** at: from the node's corner. */
function endUnder(node: WiringNode, at: Point, reach: number): End | null {
  const hit = portUnder(node, at, reach)
  if (!hit) return null
  const sockets = hit.side === 'in' ? node.inputs : node.outputs
  const socket = sockets.find((known) => known.key === hit.socket)
  return socket ? { node: node.id, socket: socket.key, kind: socket.kind, side: hit.side } : null
}
