import { memo, useMemo } from 'react'
import { portPlace } from '../canvas/scene'
import type { Box, Point } from '../graph/geometry'
import { type Route, routeOf, straight } from '../graph/routes'
import type { Wire } from '../graph/wiring'
import type { Union } from './union'

interface Props {
  union: Union
  current: string | null
}

/** Edges among more nodes than these take the direct way: it costs less. */
const MOST_ROUTED = 200

/** Edges of both sides, and where what moved has come from. */
export const ComparedWires = memo(function ComparedWires({ union, current }: Props) {
  const isLarge = union.nodes.size > 400
  const paths = useMemo(() => union.wires.map(({ wire }) => pathOf(union, wire)), [union])
  return (
    <svg className="edges compare-edges" aria-hidden>
      {union.wires.map(({ wire, kind }, at) => {
        const path = paths[at]
        if (path == null) return null
        const is = kind ?? (current === wire.source || current === wire.target ? 'near' : 'same')
        return (
          <g key={wire.id} className={`hue-${wire.kind}`}>
            {!isLarge && <path className="halo" d={path} />}
            <path className={`${is}${wire.isImplied ? ' implied' : ''}`} d={path} />
          </g>
        )
      })}
      {[...union.nodes].map(([id, { box, was }]) => {
        if (!was) return null
        const middle = { x: box.width / 2, y: box.height / 2 }
        const from = add(was, middle)
        const end = edgeOf(box, from)
        return (
          <g key={id} className="compare-was">
            <rect x={was.x} y={was.y} width={box.width} height={box.height} rx="12" />
            {end && <path d={arrow(from, end)} />}
          </g>
        )
      })}
    </svg>
  )
})

function pathOf({ nodes }: Union, wire: Wire): string | null {
  const source = nodes.get(wire.source)
  const target = nodes.get(wire.target)
  if (!source || !target) return null
  const from = add(source.box, portPlace(source.node, 'out', wire.sourceSocket))
  const to = add(target.box, portPlace(target.node, 'in', wire.targetSocket))
  // As on the canvas, around what it would run behind.
  if (nodes.size > MOST_ROUTED) return pathAlong(straight(from, to))
  const others = [...nodes].flatMap(([id, { box }]) =>
    id === wire.source || id === wire.target ? [] : [box],
  )
  return pathAlong(routeOf(from, to, others))
}

function pathAlong(route: Route): string {
  const curves = route.map(([start, one, other, end], at) => {
    const begin = at === 0 ? `M${start.x} ${start.y}` : ''
    return `${begin}C${one.x} ${one.y} ${other.x} ${other.y} ${end.x} ${end.y}`
  })
  return curves.join('')
}

function add(one: Point, other: Point): Point {
  return { x: one.x + other.x, y: one.y + other.y }
}

/** Return where a line from a point to a box's middle meets its edge; null from inside. */
function edgeOf(box: Box, from: Point): Point | null {
  const to = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const [x, y] = [from.x - to.x, from.y - to.y]
  const t = Math.min(box.width / 2 / Math.abs(x), box.height / 2 / Math.abs(y))
  return t < 1 ? { x: to.x + x * t, y: to.y + y * t } : null
}

/** A line with a head at its end. */
function arrow(from: Point, to: Point): string {
  const angle = Math.atan2(to.y - from.y, to.x - from.x)
  const head = (turn: number) =>
    `${to.x - 14 * Math.cos(angle + turn)} ${to.y - 14 * Math.sin(angle + turn)}`
  return `M${from.x} ${from.y}L${to.x} ${to.y}M${head(0.5)}L${to.x} ${to.y}L${head(-0.5)}`
}
