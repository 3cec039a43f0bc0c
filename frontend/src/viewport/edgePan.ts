/** A drag that comes near the edge of what shows a plane moves the view along. */

import type { Point } from '../graph/geometry'

/** Nearer than this, in screen pixels. */
const MARGIN = 36
/** Screen pixels in a frame, at most. */
const STEP = 14

/** Return the distance by which the view moves in this frame under a pointer, or null. */
export function edgePan(frame: Element, { x, y }: Point): Point | null {
  const { left, top, right, bottom } = frame.getBoundingClientRect()
  // Whole pixels: what is drawn then moves as it is.
  const by = {
    x: Math.round((pull(x - left) - pull(right - x)) * STEP),
    y: Math.round((pull(y - top) - pull(bottom - y)) * STEP),
  }
  return by.x === 0 && by.y === 0 ? null : by
}

function pull(inside: number): number {
  return inside < MARGIN ? Math.min(1, (MARGIN - inside) / MARGIN) : 0
}

/** Return true if the pointer has left the frame. */
export function isOutside(frame: Element, { x, y }: Point): boolean {
  const { left, top, right, bottom } = frame.getBoundingClientRect()
  return x < left || x > right || y < top || y > bottom
}
