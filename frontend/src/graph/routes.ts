/** The way of an edge: a curve, or a way around the nodes that it would run behind. */

import { type Box, bounds, curveOf, type Point } from './geometry'

type Cubic = readonly [Point, Point, Point, Point]

/** Curves that follow one another, the first from an output, the last into an input. */
export type Route = readonly Cubic[]

/** An edge passes a node at this distance at least; edges of several rows keep apart. */
const CLEAR = 8
const LANES = 3
const LANE = 5
const ROW = 24
/** A node is touched from this distance on. */
const TOUCH = 3
/** An edge leaves and enters its ports over at least this length. */
const LEAST = 20
const SAMPLES = 24
const TRIES = 6

/** An edge without anything in its way. */
export function straight(from: Point, to: Point): Route {
  return [curveOf(from, to)]
}

/** An edge that keeps clear of the boxes, where there is room for it. */
export function routeOf(from: Point, to: Point, boxes: readonly Box[]): Route {
  const direct = straight(from, to)
  // Backward edges loop around their own two nodes.
  if (to.x - from.x < 2 * LEAST) return direct
  const hit = boxes.filter((box) => touches(direct, box))
  if (hit.length === 0) return direct
  const ways = [-1, 1].flatMap((side) => around(from, to, boxes, hit, side) ?? [])
  const [above, below] = ways
  if (!above || !below) return above?.route ?? direct
  return above.detour <= below.detour ? above.route : below.route
}

/** Above (side -1) or below (1) of all that is in the way, or null when that leads nowhere. */
function around(
  from: Point,
  to: Point,
  boxes: readonly Box[],
  hit: readonly Box[],
  side: number,
): { route: Route; detour: number } | null {
  const group = new Set(hit)
  const clear = CLEAR + (Math.abs(Math.round(from.y / ROW)) % LANES) * LANE
  for (let tries = 0; tries < TRIES; tries += 1) {
    const box = bounds(group)
    if (!box) return null
    const y = side < 0 ? box.y - clear : box.y + box.height + clear
    const one = { x: Math.max(box.x - clear, from.x + LEAST), y }
    const other = { x: Math.min(box.x + box.width + clear, to.x - LEAST), y }
    if (one.x > other.x) return null
    const route = [bent(from, one), bent(one, other), bent(other, to)]
    const more = boxes.filter((known) => touches(route, known))
    if (more.length === 0) return { route, detour: Math.abs(y - from.y) + Math.abs(y - to.y) }
    if (more.every((known) => group.has(known))) return null
    for (const known of more) group.add(known)
  }
  return null
}

function bent(from: Point, to: Point): Cubic {
  const middle = (from.x + to.x) / 2
  return [from, { x: middle, y: from.y }, { x: middle, y: to.y }, to]
}

function touches(route: Route, box: Box): boolean {
  for (const curve of route) {
    const [from, , , to] = curve
    if (
      Math.max(from.y, to.y) < box.y - TOUCH ||
      Math.min(from.y, to.y) > box.y + box.height + TOUCH
    )
      continue
    for (let at = 0; at <= SAMPLES; at += 1) {
      const { x, y } = pointOf(curve, at / SAMPLES)
      const isIn =
        x > box.x - TOUCH &&
        x < box.x + box.width + TOUCH &&
        y > box.y - TOUCH &&
        y < box.y + box.height + TOUCH
      if (isIn) return true
    }
  }
  return false
}

function pointOf([a, b, c, d]: Cubic, t: number): Point {
  const s = 1 - t
  const at = (axis: 'x' | 'y') =>
    s ** 3 * a[axis] + 3 * s * s * t * b[axis] + 3 * s * t * t * c[axis] + t ** 3 * d[axis]
  return { x: at('x'), y: at('y') }
}

/** Points along the way, close enough to measure it by. */
export function pointsOf(route: Route, each = SAMPLES): Point[] {
  const points = route.flatMap((curve) =>
    Array.from({ length: each }, (_, at) => pointOf(curve, at / each)),
  )
  const end = route.at(-1)?.[3]
  return end ? [...points, end] : points
}

/** The point in the middle of the way. */
export function middleOfRoute(route: Route): Point {
  const points = pointsOf(route)
  const lengths = points.slice(1).map((point, at) => {
    const before = points[at] as Point
    return Math.hypot(point.x - before.x, point.y - before.y)
  })
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2
  const at = lengths.findIndex((length) => {
    left -= length
    return left <= 0
  })
  return points[at + 1] ?? { x: 0, y: 0 }
}

/** The way as an SVG path. */
export function routePath(route: Route): string {
  return route
    .map(([from, one, other, to], at) => {
      const start = at === 0 ? `M${from.x} ${from.y}` : ''
      return `${start}C${one.x} ${one.y} ${other.x} ${other.y} ${to.x} ${to.y}`
    })
    .join('')
}
