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
  const hit = boxesOn(direct, boxes)
  if (hit.length === 0) return direct
  const ways = [-1, 1].flatMap((side) => around(from, to, boxes, hit, side) ?? [])
  const [above, below] = ways
  if (!above || !below) return above?.route ?? direct
  return above.detour <= below.detour ? above.route : below.route
}

/** The same way elsewhere. */
export function movedRoute(route: Route, x: number, y: number): Route {
  const shift = (point: Point) => ({ x: point.x + x, y: point.y + y })
  return route.map(([a, b, c, d]) => [shift(a), shift(b), shift(c), shift(d)])
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
    const more = boxesOn(route, boxes)
    if (more.length === 0) return { route, detour: Math.abs(y - from.y) + Math.abs(y - to.y) }
    if (more.every((known) => group.has(known))) return null
    for (const member of more) group.add(member)
  }
  return null
}

function bent(from: Point, to: Point): Cubic {
  const middle = (from.x + to.x) / 2
  return [from, { x: middle, y: from.y }, { x: middle, y: to.y }, to]
}

/** The boxes that a way touches. */
function boxesOn(route: Route, boxes: readonly Box[]): Box[] {
  // Once for all boxes: there are many more of them than of curves.
  const curves = route.map(sampleCurve)
  return boxes.filter((box) => curves.some((curve) => touches(curve, box)))
}

interface Sampled {
  readonly points: readonly Point[]
  readonly around: Box
}

function sampleCurve(curve: Cubic): Sampled {
  const points = Array.from({ length: SAMPLES + 1 }, (_, at) => pointOf(curve, at / SAMPLES))
  const around = bounds(points.map(({ x, y }) => ({ x, y, width: 0, height: 0 })))
  return { points, around: around ?? { x: 0, y: 0, width: 0, height: 0 } }
}

function touches({ points, around }: Sampled, box: Box): boolean {
  const minX = box.x - TOUCH
  const top = box.y - TOUCH
  const right = box.x + box.width + TOUCH
  const bottom = box.y + box.height + TOUCH
  if (around.x >= right || around.x + around.width <= minX) return false
  if (around.y >= bottom || around.y + around.height <= top) return false
  return points.some(({ x, y }) => x > minX && x < right && y > top && y < bottom)
}

function pointOf([a, b, c, d]: Cubic, t: number): Point {
  const s = 1 - t
  const i = s ** 3
  const j = 3 * s * s * t
  const k = 3 * s * t * t
  const l = t ** 3
  return { x: i * a.x + j * b.x + k * c.x + l * d.x, y: i * a.y + j * b.y + k * c.y + l * d.y }
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
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2
  const at = lengths.findIndex((length) => {
    rest -= length
    return rest <= 0
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
