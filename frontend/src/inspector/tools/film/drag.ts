/** Dragging with the pointer: from where it was pressed to where it is, until it is let go. */

import type { PointerEvent as ReactPointerEvent } from 'react'

export interface Pull {
  /** The distance from the place of the press, in CSS pixels. */
  readonly x: number
  readonly y: number
  /** Alt: what is dragged is not drawn to anything near. */
  readonly isFree: boolean
}

/** Nearer than this, a press is a click. CSS pixels. */
const THRESHOLD = 3

interface Handlers {
  onMove: (pull: Pull) => void
  /** hasMoved: else it was a click. Also when the browser takes the pointer away. */
  onEnd: (hasMoved: boolean) => void
}

/** To be called when a pointer goes down. */
export function drag(event: ReactPointerEvent<Element>, { onMove, onEnd }: Handlers): void {
  if (event.button !== 0 || !event.isPrimary) return
  const element = event.currentTarget
  const { clientX, clientY, pointerId } = event
  let hasMoved = false
  const move = (moved: Event) => {
    const at = moved as PointerEvent
    if (at.pointerId !== pointerId) return
    const x = at.clientX - clientX
    const y = at.clientY - clientY
    if (!hasMoved && Math.hypot(x, y) < THRESHOLD) return
    hasMoved = true
    onMove({ x, y, isFree: at.altKey })
  }
  const end = (ended: Event) => {
    if ((ended as PointerEvent).pointerId !== pointerId) return
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', end)
    element.removeEventListener('pointercancel', end)
    onEnd(hasMoved)
  }
  element.setPointerCapture(pointerId)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', end)
  element.addEventListener('pointercancel', end)
}
