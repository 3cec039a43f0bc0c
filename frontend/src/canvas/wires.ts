/** Where edges run, and which lies under a point. */

import { editor } from '../editor/store'
import type { Box, Point } from '../graph/geometry'
import { middleOfRoute, pointsOf, type Route, routeOf, straight } from '../graph/routes'
import type { Wire, Wiring } from '../graph/wiring'
import { endsOf, type Scene, sceneOf, shifted } from './scene'
import { canvas } from './state'
import { camera } from './view'

const REACH = 9
/** How far from the box around its ends an edge may run, on its way around nodes. */
export const DETOUR = 480
/** Seen from far, edges among more nodes than these take the direct way: it costs less. */
const MOST_ROUTED = 200

interface Kept {
  readonly scene: Scene
  readonly wiring: Wiring
  readonly moving: unknown
  readonly isRouted: boolean
  readonly boxes: readonly (readonly [string, Box])[]
  readonly routes: Map<string, Route>
}

let kept: Kept | null = null

function keptNow(): Kept {
  const { wiring } = editor()
  const { moving, isFar } = canvas()
  const scene = sceneOf()
  const isRouted = !isFar || scene.nodes.size <= MOST_ROUTED
  if (
    kept?.scene !== scene ||
    kept.wiring !== wiring ||
    kept.moving !== moving ||
    kept.isRouted !== isRouted
  ) {
    const boxes = [...scene.nodes].map(([id, box]) => [id, shifted(box, moving?.get(id))] as const)
    kept = { scene, wiring, moving, isRouted, boxes, routes: new Map() }
  }
  return kept
}

/** The way of an edge as it is shown now, or null when one of its nodes is missing. */
export function routeFor(wire: Wire): Route | null {
  const { scene, wiring, isRouted, boxes, routes } = keptNow()
  const known = routes.get(wire.id)
  if (known) return known
  const ends = endsOf(wire, wiring, scene)
  if (!ends) return null
  const [from, to] = ends
  const route = isRouted ? routeOf(from, to, inTheWay(boxes, wire, from, to)) : straight(from, to)
  routes.set(wire.id, route)
  return route
}

function inTheWay(boxes: Kept['boxes'], wire: Wire, from: Point, to: Point): Box[] {
  const top = Math.min(from.y, to.y) - DETOUR
  const bottom = Math.max(from.y, to.y) + DETOUR
  const found: Box[] = []
  for (const [id, box] of boxes)
    if (
      id !== wire.source &&
      id !== wire.target &&
      box.x < to.x &&
      box.x + box.width > from.x &&
      box.y < bottom &&
      box.y + box.height > top
    )
      found.push(box)
  return found
}

/** The nearest edge to a point of the canvas. reach: how far off it still counts. */
export function wireUnder(
  point: Point,
  reach = REACH / Math.min(camera.view.zoom, 1),
): Wire | null {
  const { wiring, scene } = keptNow()
  let nearest = reach
  let found: Wire | null = null
  for (const wire of wiring.edges) {
    const ends = endsOf(wire, wiring, scene)
    if (!ends || !isNear(point, ends)) continue
    const away = distance(point, routeFor(wire) ?? [])
    if (away >= nearest) continue
    nearest = away
    found = wire
  }
  return found
}

function isNear({ x, y }: Point, [from, to]: [Point, Point]): boolean {
  return (
    x >= Math.min(from.x, to.x) - DETOUR &&
    x <= Math.max(from.x, to.x) + DETOUR &&
    y >= Math.min(from.y, to.y) - DETOUR &&
    y <= Math.max(from.y, to.y) + DETOUR
  )
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
