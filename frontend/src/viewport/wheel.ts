/** The meaning of a turn of the wheel: the view is panned, or zoomed. */

const BY_PIXEL = 0.002
/** The units in which a wheel counts: pixels, lines, pages; in px. */
const UNITS = [1, 25, 500]
/** A factor for a pinch on a trackpad, of which macOS reports small numbers. */
const PINCH = 10
const IS_MAC = /mac/i.test(globalThis.navigator?.userAgent ?? '')
const KEPT = 'reelgraph.wheel'

export type Turn =
  | { readonly type: 'zoom'; readonly by: number }
  /** The distance by which the view moves, in px. */
  | { readonly type: 'pan'; readonly x: number; readonly y: number }

/** Return true if a wheel without Ctrl zooms, which people with a mouse may prefer. */
export function wheelZooms(): boolean {
  try {
    return localStorage.getItem(KEPT) === 'zoom'
  } catch {
    return false
  }
}

export function setWheelZooms(on: boolean): void {
  localStorage.setItem(KEPT, on ? 'zoom' : 'pan')
}

/** Two fingers on a trackpad are a wheel, a pinch is a wheel with Ctrl. */
export function readWheel(event: WheelEvent): Turn {
  const { deltaMode, ctrlKey, metaKey, shiftKey } = event
  const unit = UNITS[deltaMode] ?? 1
  const x = event.deltaX * unit
  const y = event.deltaY * unit
  const zoom = (pinch = 1): Turn => ({ type: 'zoom', by: 2 ** (-y * BY_PIXEL * pinch) })
  if (ctrlKey || metaKey) return zoom(ctrlKey && IS_MAC ? PINCH : 1)
  // Most systems leave it to the page to go sideways with Shift.
  if (shiftKey && x === 0) return { type: 'pan', x: -y, y: 0 }
  if (wheelZooms() && !shiftKey && Math.abs(y) > Math.abs(x)) return zoom()
  return { type: 'pan', x: -x, y: -y }
}
