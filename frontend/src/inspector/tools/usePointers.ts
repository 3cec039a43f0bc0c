import { type PointerEvent, type RefObject, useRef } from 'react'
import type { Point } from '../../editor/store'
import { moveView, pinchView } from '../../parts/mediaTool/view'
import type { Doing } from './PictureStage'
import { inside, type Seen } from './useView'

type PressEvent = PointerEvent<HTMLDivElement>

const ERASER = 32

/**
 * One pointer works; two, the middle button, and Space held move and enlarge. Marks on the picture
 * have hands of their own.
 */
export function usePointers(seen: Seen, doing: Doing, isSpace: RefObject<boolean>) {
  const pointers = useRef(new Map<number, Point>())
  const now = useRef<'work' | 'move' | null>(null)

  const down = (event: PressEvent) => {
    if (event.target instanceof Element && event.target.closest('[data-mark]')) return
    const element = event.currentTarget
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, inside(element, event))
    if (pointers.current.size > 1) {
      if (now.current === 'work') doing.cancel()
      now.current = 'move'
    } else if (event.button === 1 || isSpace.current) {
      event.preventDefault()
      now.current = 'move'
    } else if (event.button === 0) {
      now.current = 'work'
      doing.down(seen.placeOf(event), {
        pressure: pressureOf(event.nativeEvent),
        isOther: event.altKey || (event.buttons & ERASER) !== 0,
        isShift: event.shiftKey,
      })
    }
  }

  const move = (event: PressEvent) => {
    doing.hover?.(seen.placeOf(event))
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    const at = inside(event.currentTarget, event)
    const [one, other] = [...pointers.current.entries()]
    if (now.current === 'work') {
      const events = event.nativeEvent.getCoalescedEvents?.() ?? []
      for (const each of events.length > 0 ? events : [event.nativeEvent])
        doing.move(seen.placeOf(each), pressureOf(each))
    } else if (one && other) {
      const after = ([id, place]: [number, Point]) => (id === event.pointerId ? at : place)
      seen.change((view) =>
        pinchView(view, [one[1], other[1]], [after(one), after(other)], seen.space),
      )
    } else if (now.current === 'move')
      seen.change((view) => moveView(view, at.x - before.x, at.y - before.y))
    pointers.current.set(event.pointerId, at)
  }

  const end = (event: PressEvent, isLost: boolean) => {
    if (!pointers.current.delete(event.pointerId)) return
    if (now.current === 'work') {
      if (isLost) doing.cancel()
      else doing.up()
    }
    if (pointers.current.size === 0) now.current = null
  }

  return {
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: (event: PressEvent) => end(event, false),
    onPointerCancel: (event: PressEvent) => end(event, true),
    onPointerLeave: () => {
      if (pointers.current.size === 0) doing.hover?.(null)
    },
  }
}

function pressureOf(event: { pointerType: string; pressure: number }): number {
  return event.pointerType === 'pen' ? event.pressure : 0.5
}
