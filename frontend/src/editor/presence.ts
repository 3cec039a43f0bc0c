/** This person's cursor, for others: sent at most some times a second. */

import type { Point } from '../graph/geometry'

const PACE_MS = 60

let tell: ((cursor: Point | null) => void) | null = null
let next: Point | null = null
let timer: ReturnType<typeof setTimeout> | undefined

/** Hear where the own pointer is, in canvas coordinates; null when it left. Returns how to stop. */
export function onPresence(listener: (cursor: Point | null) => void): () => void {
  tell = listener
  return () => {
    if (tell === listener) tell = null
  }
}

export function pointAt(cursor: Point | null): void {
  next = cursor
  if (!tell || timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    tell?.(next && { x: Math.round(next.x), y: Math.round(next.y) })
  }, PACE_MS)
}
