/** The routes of edges, and the edge that lies under a point. */

import { editor } from '../editor/store'
import { BoxIndex, meets } from '../graph/boxIndex'
import { type Box, type Point, touches } from '../graph/geometry'
import { middleOfRoute, movedRoute, pointsOf, type Route, routeOf, straight } from '../graph/routes'
import type { Wire, Wiring } from '../graph/wiring'
import { endsOf, type Moving, nodesIn, type Scene, sceneOf, storedEnds } from './scene'
import { canvas } from './state'
import { camera } from './view'

const REACH = 9
/** An edge on its way around nodes runs within this distance of the box around its ends. */
const DETOUR = 480
/** An edge bends out beside its ends by this. */
const BEND = 150
/** Seen from far, edges among more nodes than these take the direct way: it costs less. */
const MOST_ROUTED = 200
/** With more edges than these led along, none is led around nodes before they are dropped. */
const MOST_LED = 40
/** Boxes of edges are longer than those of nodes. */
const CELL = 960

/** Edges where the document says that their nodes are. */
interface Stored {
  readonly scene: Scene
  readonly wiring: Wiring
  readonly isRouted: boolean
  readonly index: BoxIndex<Wire>
  readonly routes: Map<string, Route>
}

/** Edges of nodes that are being moved. */
interface Led {
  readonly moving: Moving
  readonly stored: Stored
  readonly wires: readonly Wire[]
  readonly routes: Map<string, Route>
}

let storedCache: Stored | null = null
let led: Led | null = null

function storedNow(): Stored {
  const { wiring } = editor()
  const scene = sceneOf()
  const isRouted = !canvas().isFar || scene.nodes.size <= MOST_ROUTED
  if (
    storedCache?.scene === scene &&
    storedCache.wiring === wiring &&
    storedCache.isRouted === isRouted
  )
    return storedCache
  const isSame =
    storedCache?.scene.nodes === scene.nodes &&
    storedCache.wiring === wiring &&
    storedCache.isRouted === isRouted
  const boxes = boxesOf(wiring, scene, isRouted ? DETOUR : 0)
  const index = isSame && storedCache ? storedCache.index : new BoxIndex(boxes, CELL)
  storedCache = { scene, wiring, isRouted, index, routes: new Map() }
  return storedCache
}

function ledNow(moving: Moving): Led {
  const now = storedNow()
  if (led?.moving === moving && led.stored === now) return led
  const wires = now.wiring.edges.filter(({ source, target }) => isLed(source, target, moving))
  led = { moving, stored: now, wires, routes: new Map() }
  return led
}

function isLed(source: string, target: string, moving: Moving): boolean {
  return moving.has(source) || moving.has(target)
}

function* boxesOf(wiring: Wiring, scene: Scene, detour: number): Generator<[Wire, Box]> {
  for (const wire of wiring.edges) {
    const ends = storedEnds(wire, wiring, scene)
    if (ends) yield [wire, boxAround(ends, detour)]
  }
}

/** Return the box in which an edge may run. detour: the distance above or below its ends. */
function boxAround([from, to]: readonly [Point, Point], detour: number): Box {
  const x = Math.min(from.x, to.x) - BEND
  const y = Math.min(from.y, to.y) - detour
  return {
    x,
    y,
    width: Math.max(from.x, to.x) + BEND - x,
    height: Math.max(from.y, to.y) + detour - y,
  }
}

/** Edges that may run through a box, in their order: those that stay, or those of moved nodes. */
export function wiresIn(box: Box, part: 'still' | 'moving'): Wire[] {
  const { moving } = canvas()
  if (part === 'still') {
    const nearby = storedNow().index.in(box)
    const still = moving
      ? nearby.filter(([{ source, target }]) => !isLed(source, target, moving))
      : nearby
    return still.map(([wire]) => wire)
  }
  if (!moving) return []
  const { wiring, scene } = storedNow()
  return ledNow(moving).wires.filter((wire) => {
    const ends = endsOf(wire, wiring, scene)
    return ends && meets(boxAround(ends, DETOUR), box)
  })
}

/**
 * The way of an edge as it is shown now, or null when one of its nodes is missing. What is moved
 * stands in no edge's way before it is dropped, but edges that are led along keep clear of nodes.
 */
export function routeFor(wire: Wire): Route | null {
  const { moving } = canvas()
  return moving && isLed(wire.source, wire.target, moving)
    ? ledRoute(wire, moving)
    : storedRoute(wire)
}

function storedRoute(wire: Wire): Route | null {
  const { scene, wiring, isRouted, routes } = storedNow()
  const cachedRoute = routes.get(wire.id)
  if (cachedRoute) return cachedRoute
  const ends = storedEnds(wire, wiring, scene)
  if (!ends) return null
  const route = isRouted
    ? routeOf(
        ...ends,
        inTheWay(wire, ends, (box) => nodesIn(box, scene, null)),
      )
    : straight(...ends)
  routes.set(wire.id, route)
  return route
}

function ledRoute(wire: Wire, moving: Moving): Route | null {
  const { stored: now, wires, routes } = ledNow(moving)
  const cachedRoute = routes.get(wire.id)
  if (cachedRoute) return cachedRoute
  const route = leadAlong(wire, moving, now, wires.length)
  if (route) routes.set(wire.id, route)
  return route
}

function leadAlong(wire: Wire, moving: Moving, now: Stored, count: number): Route | null {
  const at = moving.get(wire.source)
  const before = now.scene.nodes.get(wire.source)
  if (at && before && moving.has(wire.target)) {
    const whole = storedRoute(wire)
    return whole && movedRoute(whole, at.x - before.x, at.y - before.y)
  }
  const ends = endsOf(wire, now.wiring, now.scene)
  if (!ends) return null
  return now.isRouted && count <= MOST_LED
    ? routeOf(...ends, inTheWay(wire, ends, nodesIn))
    : straight(...ends)
}

function inTheWay(
  { source, target }: Wire,
  [from, to]: readonly [Point, Point],
  find: (box: Box) => (readonly [string, Box])[],
): Box[] {
  if (to.x <= from.x) return []
  const y = Math.min(from.y, to.y) - DETOUR
  const height = Math.abs(from.y - to.y) + 2 * DETOUR
  const between = { x: from.x, y, width: to.x - from.x, height }
  return find(between)
    .filter(([id, box]) => id !== source && id !== target && touches(box, between))
    .map(([, box]) => box)
}

/** The nearest edge to a point of the canvas. reach: how far off it still counts. */
export function wireUnder(
  point: Point,
  reach = REACH / Math.min(camera.view.zoom, 1),
): Wire | null {
  const { x, y } = point
  const box = { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach }
  let nearest = reach
  let nearestWire: Wire | null = null
  for (const wire of [...wiresIn(box, 'still'), ...wiresIn(box, 'moving')]) {
    const away = distance(point, routeFor(wire) ?? [])
    if (away >= nearest) continue
    nearest = away
    nearestWire = wire
  }
  return nearestWire
}

function distance(point: Point, route: Route): number {
  let least = Infinity
  let before: Point | null = null
  for (const next of pointsOf(route)) {
    if (before) least = Math.min(least, toSegment(point, before, next))
    before = next
  }
  return least
}

function toSegment(point: Point, a: Point, b: Point): number {
  const x = b.x - a.x
  const y = b.y - a.y
  const length = x * x + y * y
  const t = length === 0 ? 0 : ((point.x - a.x) * x + (point.y - a.y) * y) / length
  const at = Math.min(Math.max(t, 0), 1)
  return Math.hypot(point.x - a.x - at * x, point.y - a.y - at * y)
}

/** The middle of an edge on the canvas. */
export function middleOf(wire: Wire): Point | null {
  const route = routeFor(wire)
  return route && middleOfRoute(route)
}
