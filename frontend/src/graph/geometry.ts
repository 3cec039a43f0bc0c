/**
 * The sizes of nodes and the places of their ports, in graph pixels. Canvas, minimap, pictures and
 * hit tests all read this; `templates_app/graph/layout.py` has the same numbers.
 */

import type { Doc, SocketKind } from '../api/schema'
import { own, row } from '../document/ops'
import { INPUTS, type WiringNode } from './wiring'

export const NODE_WIDTH = 224
export const INPUTS_WIDTH = 152
export const HEAD = 48
export const ROW = 24
export const FOOT = 8
export const INPUTS_HEAD = 44
export const INPUTS_ROW = 46
/** From the top of a node's ports to the middle of the first one. */
const FIRST_PORT = 60
const FIRST_INPUT = 67
export const COLUMN = 280
export const GAP = 26
export const GRID = 4
/** Radius of a port's hit area; touch has its own. */
export const PORT_REACH = 14
export const PORT_REACH_TOUCH = 22

const HERO: Readonly<Record<SocketKind, number>> = {
  image: 126,
  video: 126,
  model: 126,
  text: 96,
  audio: 64,
  number: 64,
  choice: 64,
}
const FAR = 200_000

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Box extends Point, Size {}

export function previewHeight(kind: SocketKind): number {
  return HERO[kind]
}

/** buttons: a row with a button, such as "Choose 1 of 3", below the head. */
export function sizeOf(node: WiringNode, buttons = 0): Size {
  if (node.id === INPUTS)
    return {
      width: INPUTS_WIDTH,
      height: INPUTS_HEAD + INPUTS_ROW * node.outputs.length + FOOT,
    }
  const rows = Math.max(node.inputs.length, node.outputs.length)
  return {
    width: NODE_WIDTH,
    height: previewHeight(node.kind) + HEAD + FOOT + ROW * rows + 40 * buttons,
  }
}

/** The middle of the n-th port, from the node's corner. */
export function portAt(node: WiringNode, side: 'in' | 'out', place: number): Point {
  if (node.id === INPUTS) return { x: INPUTS_WIDTH, y: FIRST_INPUT + INPUTS_ROW * place }
  return {
    x: side === 'in' ? 0 : NODE_WIDTH,
    y: previewHeight(node.kind) + FIRST_PORT + ROW * place,
  }
}

/** The middle of a port by its key, from the node's corner, or null when it is not shown. */
export function portOf(node: WiringNode, side: 'in' | 'out', socket: string): Point | null {
  const sockets = side === 'in' ? node.inputs : node.outputs
  const place = sockets.findIndex((known) => known.key === socket)
  return place < 0 ? null : portAt(node, side, place)
}

/** The port under a point, both from the node's corner. reach: how far off it still counts. */
export function portUnder(
  node: WiringNode,
  point: Point,
  reach = PORT_REACH,
): { side: 'in' | 'out'; socket: string } | null {
  let nearest: { side: 'in' | 'out'; socket: string } | null = null
  let distance = reach
  for (const side of ['in', 'out'] as const) {
    const sockets = side === 'in' ? node.inputs : node.outputs
    sockets.forEach((socket, place) => {
      const at = portAt(node, side, place)
      const away = Math.hypot(at.x - point.x, at.y - point.y)
      if (away > distance) return
      distance = away
      nearest = { side, socket: socket.key }
    })
  }
  return nearest
}

/** The four points of an edge's curve: start, two handles, end. */
export function curveOf(from: Point, to: Point): [Point, Point, Point, Point] {
  const bend = Math.min(Math.max(Math.abs(to.x - from.x) / 2, 36), 150)
  return [from, { x: from.x + bend, y: from.y }, { x: to.x - bend, y: to.y }, to]
}

export function curvePath(from: Point, to: Point): string {
  const [start, one, other, end] = curveOf(from, to)
  return `M${start.x} ${start.y}C${one.x} ${one.y} ${other.x} ${other.y} ${end.x} ${end.y}`
}

/** The point at `t` (0 to 1) of an edge. */
export function pointOn(from: Point, to: Point, t: number): Point {
  const [a, b, c, d] = curveOf(from, to)
  const s = 1 - t
  const at = (axis: 'x' | 'y') =>
    s ** 3 * a[axis] + 3 * s * s * t * b[axis] + 3 * s * t * t * c[axis] + t ** 3 * d[axis]
  return { x: at('x'), y: at('y') }
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID
}

/** Return a node's stored place, or null. Unusable numbers count as none; far ones are clamped. */
export function storedAt(doc: Doc, id: string): Point | null {
  const record = row(doc, 'nodes', id)
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return null
  const x = own(record, 'x')
  const y = own(record, 'y')
  if (typeof x !== 'number' || typeof y !== 'number') return null
  if (!Number.isFinite(x) || !Number.isFinite(y)) return null
  return { x: near(x), y: near(y) }
}

function near(value: number): number {
  return Math.max(-FAR, Math.min(FAR, value))
}

/** The smallest box around all of them, or null around none. */
export function bounds(boxes: Iterable<Box>): Box | null {
  let left = Infinity
  let top = Infinity
  let right = -Infinity
  let bottom = -Infinity
  for (const box of boxes) {
    left = Math.min(left, box.x)
    top = Math.min(top, box.y)
    right = Math.max(right, box.x + box.width)
    bottom = Math.max(bottom, box.y + box.height)
  }
  return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top }
}

export function holds(box: Box, { x, y }: Point): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
}

export function growBox({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by }
}

export function touches(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  )
}

/** Return true if the other is wholly in the box. */
export function covers(box: Box, other: Box): boolean {
  return (
    box.x <= other.x &&
    box.y <= other.y &&
    box.x + box.width >= other.x + other.width &&
    box.y + box.height >= other.y + other.height
  )
}
