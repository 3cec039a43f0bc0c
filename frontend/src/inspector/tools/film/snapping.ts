/** Targets at which a drag comes to rest, when it is let go near one. */

/** The nearest of the targets within reach, else null. */
export function nearest(value: number, targets: readonly number[], reach: number): number | null {
  let best: number | null = null
  for (const target of targets) {
    const isNearer = best === null || Math.abs(target - value) < Math.abs(best - value)
    if (Math.abs(target - value) <= reach && isNearer) best = target
  }
  return best
}

/** A value, drawn to the nearest target within reach. */
export function snap(value: number, targets: readonly number[], reach: number): number {
  return nearest(value, targets, reach) ?? value
}

/** Whole seconds of a clip and its end. */
export function wholeSeconds(duration: number): number[] {
  const whole = Array.from({ length: Math.floor(duration) + 1 }, (_, at) => at)
  return whole.includes(duration) ? whole : [...whole, duration]
}

/**
 * Return the distance by which a piece moves so that one of its places comes to rest on a target.
 * places: its edges, and its middle, as they are now. Returns 0 when none is near.
 */
export function pull(
  places: readonly number[],
  targets: readonly number[],
  reach: number,
): { by: number; target: number | null } {
  let best: { by: number; target: number } | null = null
  for (const place of places) {
    const target = nearest(place, targets, reach)
    if (target === null) continue
    const by = target - place
    if (best === null || Math.abs(by) < Math.abs(best.by)) best = { by, target }
  }
  return best ?? { by: 0, target: null }
}
