/** What floats over the canvas: kept inside it, and closed by Escape. */

import { useEffect } from 'react'
import type { Point, Size } from '../graph/geometry'

const MARGIN = 8

/** The corner nearest to the wanted one at which all of it is seen. */
export function pinned(at: Point, size: Size, room: Size): Point {
  return {
    x: Math.max(MARGIN, Math.min(at.x, room.width - size.width - MARGIN)),
    y: Math.max(MARGIN, Math.min(at.y, room.height - size.height - MARGIN)),
  }
}

/** Escape calls this before anything else hears of it. */
export function useEscape(isOpen: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!isOpen) return
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      event.preventDefault()
      event.stopPropagation()
      onEscape()
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [isOpen, onEscape])
}
