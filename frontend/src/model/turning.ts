/** Keys that move the eye around a model. Pure. */

/** The place of the eye, in radians: theta around the model, phi down from above; distance. */
export interface Eye {
  theta: number
  phi: number
  distance: number
}

/** The limits of the eye's distance from the model, as multiples of the one at the beginning. */
export const NEAREST = 0.35
export const FARTHEST = 3
const STEP = Math.PI / 18
const ZOOM = 1.15
/** Never quite from above or below: there, up is not defined. */
const EDGE = 0.02

/** The eye after a key, null for keys that are someone else's. start: where it began. */
export function afterKey(eye: Eye, key: string, start: Eye): Eye | null {
  switch (key) {
    case 'ArrowLeft':
      return { ...eye, theta: eye.theta + STEP }
    case 'ArrowRight':
      return { ...eye, theta: eye.theta - STEP }
    case 'ArrowUp':
      return { ...eye, phi: Math.max(EDGE, eye.phi - STEP) }
    case 'ArrowDown':
      return { ...eye, phi: Math.min(Math.PI - EDGE, eye.phi + STEP) }
    case '+':
    case '=':
      return { ...eye, distance: Math.max(start.distance * NEAREST, eye.distance / ZOOM) }
    case '-':
      return { ...eye, distance: Math.min(start.distance * FARTHEST, eye.distance * ZOOM) }
    case 'Home':
    case '0':
      return start
    default:
      return null
  }
}

/** Return the distance from a ball of this radius that just fits. fov: up and down, in degrees. */
export function distanceFor(radius: number, fov: number, aspect: number): number {
  const half = (fov * Math.PI) / 360
  const narrow = aspect < 1 ? Math.atan(Math.tan(half) * aspect) : half
  return (radius * 1.05) / Math.sin(narrow)
}

/** Return true if a model may load this: only what lies in its own file. */
export function isInside(address: string): boolean {
  return address.startsWith('blob:') || address.startsWith('data:')
}
