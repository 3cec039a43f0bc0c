/** Which edge lies under a point: the distance to its curve, of edges that are seen. */

import { editor } from '../editor/store'
import { type Point, pointOn } from '../graph/geometry'
import type { Wire } from '../graph/wiring'
import { endsOf, sceneOf } from './scene'
import { view } from './view'

const REACH = 9
const BEND = 150
const SAMPLES = 28

/** The nearest edge to a point of the canvas. reach: how far off it still counts. */
export function wireUnder(point: Point, reach = REACH / Math.min(view().zoom, 1)): Wire | null {
  const { wiring } = editor()
  const scene = sceneOf()
  let nearest = reach
  let found: Wire | null = null
  for (const wire of wiring.edges) {
    const ends = endsOf(wire, wiring, scene)
    if (!ends) continue
    const [from, to] = ends
    if (point.x < Math.min(from.x, to.x) - BEND || point.x > Math.max(from.x, to.x) + BEND) continue
    if (point.y < Math.min(from.y, to.y) - nearest || point.y > Math.max(from.y, to.y) + nearest)
      continue
    const away = distance(point, from, to)
    if (away >= nearest) continue
    nearest = away
    found = wire
  }
  return found
}

function distance(point: Point, from: Point, to: Point): number {
  let least = Infinity
  let before = from
  for (let at = 1; at <= SAMPLES; at += 1) {
    const next = pointOn(from, to, at / SAMPLES)
    least = Math.min(least, toSegment(point, before, next))
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
  const ends = endsOf(wire, editor().wiring, sceneOf())
  return ends && pointOn(ends[0], ends[1], 0.5)
}
