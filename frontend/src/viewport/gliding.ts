/**
 * A view that glides to another one. d3-zoom gets `interrupt` and `interpolateZoom` from here
 * (`vite.config.ts`): it uses nothing else of d3-transition and d3-interpolate, which bring colors,
 * strings and easings.
 */

import { selection } from 'd3-selection'
import { nextStep } from './frames'

/** The function that ends the glide under way on an element. */
const gliding = new WeakMap<Element, () => void>()

/** End what is under way on an element, where it is. */
export function interrupt(element: Element): void {
  gliding.get(element)?.()
}

// As a method of selections, d3-zoom calls it before each move.
Object.assign(selection.prototype, {
  interrupt(this: ReturnType<typeof selection>) {
    return this.each(function () {
      if (this) interrupt(this)
    })
  },
})

/** Show each moment of a glide, from 0 to 1; done: it came there, or was interrupted. */
export function glide(
  element: Element,
  ms: number,
  show: (share: number) => void,
  done: () => void,
): void {
  interrupt(element)
  const began = performance.now()
  const step = (now: number) => {
    const share = Math.min(1, Math.max(0, now - began) / ms)
    // What it shows is a move as well, and must not end it.
    gliding.delete(element)
    show(ease(share))
    if (share === 1) done()
    else next()
  }
  const next = () => {
    const leave = nextStep(step)
    gliding.set(element, () => {
      leave()
      gliding.delete(element)
      done()
    })
  }
  next()
}

/** Slow at both ends. */
function ease(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - 4 * (1 - share) ** 3
}

/** The point in the middle, and how much of the plane is seen across. */
export type Seen = readonly [x: number, y: number, across: number]

/** The speed along, compared to in and out. */
const RHO = Math.SQRT2

/**
 * The way between two views that seems shortest: out, along and in again where they are far apart.
 * After van Wijk and Nuij, "Smooth and efficient zooming and panning".
 */
export function interpolateZoom([x0, y0, w0]: Seen, [x1, y1, w1]: Seen): (share: number) => Seen {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const apart = Math.hypot(dx, dy)
  if (apart < 1e-6) {
    return (share) => [x0 + share * dx, y0 + share * dy, w0 * (w1 / w0) ** share]
  }
  const turn = (width: number, sign: number) =>
    -Math.asinh((w1 ** 2 - w0 ** 2 + sign * RHO ** 4 * apart ** 2) / (2 * width * RHO ** 2 * apart))
  const [r0, r1] = [turn(w0, 1), turn(w1, -1)]
  return (share) => {
    const r = r0 + share * (r1 - r0)
    const along = (w0 / (RHO ** 2 * apart)) * (Math.cosh(r0) * Math.tanh(r) - Math.sinh(r0))
    return [x0 + along * dx, y0 + along * dy, (w0 * Math.cosh(r0)) / Math.cosh(r)]
  }
}
