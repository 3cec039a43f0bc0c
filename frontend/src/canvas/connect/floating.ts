/** Boxes that float over the canvas: kept inside it, and closed by Escape. */

import { useEffect } from 'react'
import { pressedKey } from '../../frame/press'
import type { Box, Point, Size } from '../../graph/geometry'

const MARGIN = 8

/** The corner nearest to the wanted one at which all of it is seen. */
export function pinInside(at: Point, size: Size, room: Box): Point {
  const right = room.x + room.width - size.width - MARGIN
  const bottom = room.y + room.height - size.height - MARGIN
  return {
    x: Math.max(room.x + MARGIN, Math.min(at.x, right)),
    y: Math.max(room.y + MARGIN, Math.min(at.y, bottom)),
  }
}

/** The part of the canvas that no panel lies over, from the canvas's corner. */
export function roomNow(): Box {
  const frame = document.querySelector('.work-area')?.getBoundingClientRect()
  if (!frame) return { x: 0, y: 0, width: 0, height: 0 }
  let { left, top, right, bottom } = frame
  for (const panel of document.querySelectorAll('.inspector, .palette')) {
    const over = panel.getBoundingClientRect()
    const isOver =
      over.width > 0 &&
      over.left < right &&
      over.right > left &&
      over.top < bottom &&
      over.bottom > top
    if (!isOver) continue
    // A sheet lies over the lower part, a panel over one side.
    if (over.left <= left && over.right >= right) bottom = Math.max(over.top, top)
    else if (over.right >= right) right = over.left
    else left = over.right
  }
  return { x: left - frame.left, y: top - frame.top, width: right - left, height: bottom - top }
}

/** Escape calls this before anything else hears of it. */
export function useEscape(isOpen: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!isOpen) return
    const onKey = (event: KeyboardEvent) => {
      if (pressedKey(event) !== 'Escape' || event.defaultPrevented) return
      event.preventDefault()
      event.stopPropagation()
      onEscape()
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [isOpen, onEscape])
}
