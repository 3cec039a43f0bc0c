/** Frames of the page: what moves is moved first, and what shows it is drawn in the same frame. */

const steps = new Set<(now: number) => void>()
const draws = new Set<() => void>()
let request = 0

/** Move something in the next frame. Returns how to leave it. */
export function nextStep(step: (now: number) => void): () => void {
  steps.add(step)
  ask()
  return () => steps.delete(step)
}

/** Draw once in this frame, while things are moved in it, else in the next. */
export function nextDraw(draw: () => void): void {
  draws.add(draw)
  ask()
}

export function leaveDraw(draw: () => void): void {
  draws.delete(draw)
}

function ask(): void {
  if (request === 0) request = requestAnimationFrame(run)
}

function run(now: number): void {
  request = 0
  for (const step of takeAll(steps)) step(now)
  for (const draw of takeAll(draws)) draw()
}

/** Empty a set and return its members; those added later are for the next frame. */
function takeAll<Each>(set: Set<Each>): Each[] {
  const all = [...set]
  set.clear()
  return all
}
