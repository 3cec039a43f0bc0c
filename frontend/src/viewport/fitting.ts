/** The view that shows a whole graph, and nothing of it behind what floats over the plane. */

import { type Box, bounds, covers, type Size, touches } from '../graph/geometry'
import { type View, viewOn } from './camera'

interface Screen extends Size {
  /** The size of what floats at the lower right, with its distance from the edges. */
  readonly corner: Size
}

/**
 * Return the view that shows all boxes as large as possible. Where the corner would cover one that
 * stays free, they are all above it or left of it. most: zoom is at most this.
 */
export function fittedView(
  boxes: readonly Box[],
  free: readonly Box[],
  { width, height, corner }: Screen,
  margin: number,
  most: number,
): View | null {
  const around = bounds(boxes)
  if (!around || width === 0) return null
  const whole = { x: 0, y: 0, width, height }
  const rooms = [
    whole,
    { ...whole, height: height - corner.height },
    { ...whole, width: width - corner.width },
  ]
  const cornerBox = { x: width - corner.width, y: height - corner.height, ...corner }
  const views = rooms.map((room) => viewOn(around, room, margin, most))
  const clear = views.filter(
    (view) =>
      covers(whole, onScreen(around, view)) &&
      !free.some((box) => touches(onScreen(box, view), cornerBox)),
  )
  // In a window this small the map can be put away.
  if (clear.length === 0) return views[0] ?? null
  return clear.reduce((best, view) => (view.zoom > best.zoom ? view : best))
}

function onScreen(box: Box, { x, y, zoom }: View): Box {
  return {
    x: box.x * zoom + x,
    y: box.y * zoom + y,
    width: box.width * zoom,
    height: box.height * zoom,
  }
}
