/** The rim of the canvas: a drag that comes near it moves the canvas along. */

import type { Point } from '../graph/geometry'

/** Nearer than this, in screen pixels. */
const RIM = 44
/** Screen pixels in a frame, at most. */
const STEP = 14

/** How far the canvas moves in this frame under a pointer, or null. */
export function rimPull(frame: Element, { x, y }: Point): Point | null {
  const { left, top, right, bottom } = frame.getBoundingClientRect()
  const by = {
    x: (pull(x - left) - pull(right - x)) * STEP,
    y: (pull(y - top) - pull(bottom - y)) * STEP,
  }
  return by.x === 0 && by.y === 0 ? null : by
}

function pull(inside: number): number {
  return inside < RIM ? Math.min(1, (RIM - inside) / RIM) : 0
}

/** Whether the pointer has left the canvas. */
export function isOutside(frame: Element, { x, y }: Point): boolean {
  const { left, top, right, bottom } = frame.getBoundingClientRect()
  return x < left || x > right || y < top || y > bottom
}
