import { type RefObject, useEffect, useRef, useState } from 'react'
import type { Point } from '../../editor/store'
import {
  clampView,
  FITTED,
  moveView,
  type Size,
  toPicture,
  type View,
  zoomAt,
} from '../../parts/mediaTool/view'

/** The view of a picture in its room, and the actions that change it. */
export interface Seen {
  readonly room: RefObject<HTMLDivElement | null>
  /** CSS pixels of the room. */
  readonly space: Size
  readonly view: View
  readonly change: (next: (view: View) => View) => void
  /** Around the middle of the room. */
  readonly zoomBy: (factor: number) => void
  readonly fit: () => void
  /** Pixels of the picture under a pointer. */
  readonly placeOf: (event: At) => Point
}

interface At {
  readonly clientX: number
  readonly clientY: number
}

const WHEEL = 0.004

/** size: of the picture, once it is known. */
export function useView(size: Size | null): Seen {
  const room = useRef<HTMLDivElement>(null)
  const [space, setSpace] = useState<Size>({ width: 1, height: 1 })
  const [view, setView] = useState<View>(FITTED)
  const change = (next: (view: View) => View) => {
    if (size) setView((before) => clampView(next(before), size, space))
  }
  const latest = useRef(change)
  latest.current = change
  useEffect(() => {
    const element = room.current
    if (!element) return
    const measure = () => ({ width: element.clientWidth, height: element.clientHeight })
    const watch = new ResizeObserver(() => setSpace(measure()))
    watch.observe(element)
    // React's own listeners may not keep the page from scrolling or enlarging.
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const at = inside(element, event)
      latest.current((before) => turnWheel(before, event, at, measure()))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => {
      watch.disconnect()
      element.removeEventListener('wheel', wheel)
    }
  }, [])
  return {
    room,
    space,
    view,
    change,
    zoomBy: (factor) =>
      change((now) => zoomAt(now, factor, { x: space.width / 2, y: space.height / 2 }, space)),
    fit: () => setView(FITTED),
    placeOf: (event) =>
      size && room.current
        ? toPicture(size, space, view, inside(room.current, event))
        : { x: 0, y: 0 },
  }
}

/** Return the view after the wheel turns: with Ctrl, as pinching sends it, enlarge; else move. */
function turnWheel(view: View, event: WheelEvent, at: Point, room: Size): View {
  if (event.ctrlKey || event.metaKey) return zoomAt(view, Math.exp(-event.deltaY * WHEEL), at, room)
  if (event.shiftKey) return moveView(view, -event.deltaY, 0)
  return moveView(view, -event.deltaX, -event.deltaY)
}

/** CSS pixels from an element's corner. */
export function inside(element: HTMLElement, event: At): Point {
  const bounds = element.getBoundingClientRect()
  return { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
}
