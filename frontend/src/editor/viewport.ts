/** Where the canvas looks. The canvas provides it; who adds something asks for it. */

import type { Point } from './store'

let look: () => Point = () => ({ x: 0, y: 0 })

export function provideCentre(centre: () => Point): void {
  look = centre
}

/** The middle of what is seen, in canvas coordinates. */
export function centre(): Point {
  return look()
}
