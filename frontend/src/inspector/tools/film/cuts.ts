/** The cuts of a clip from one picture to another, told from small pictures of it. */

/** A small picture: so many values from 0 to 255, any number of channels. */
export type Look = Uint8ClampedArray | readonly number[]

/** Mean difference, 0 to 255, from which on two neighbours are two shots. */
const CUT = 26
/** And how much more than its neighbours differ: a fast pan is no cut. */
const TIMES_MORE = 2.2

/** Return the mean difference of two pictures' values. */
export function difference(one: Look, other: Look): number {
  const count = Math.min(one.length, other.length)
  if (count === 0) return 0
  let sum = 0
  for (let at = 0; at < count; at += 1) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0))
  return sum / count
}

/** Places between neighbours where there is a cut: `2` means between pictures 2 and 3. */
export function cutsBetween(looks: readonly Look[]): number[] {
  const steps = looks.slice(1).map((look, at) => difference(looks[at] ?? look, look))
  return steps.flatMap((step, at) => {
    const around = [steps[at - 1], steps[at + 1]].filter((one) => one !== undefined)
    const usual = around.length === 0 ? 0 : Math.min(...around)
    return step >= CUT && step >= usual * TIMES_MORE ? [at] : []
  })
}

/** Return true if a picture between two shots belongs to the first. */
export function isOfFirst(look: Look, first: Look, second: Look): boolean {
  return difference(look, first) <= difference(look, second)
}
