import { type KeyboardEvent, useRef, useState } from 'react'
import type { Point } from '../../editor/store'
import { pressedKey, shortcutKeys } from '../../frame/press'
import { bringIntoView, type Size, scaleOf } from '../../parts/mediaTool/view'
import type { Doing } from './PictureStage'
import type { Seen } from './useView'

/** CSS pixels that an arrow key goes; with Shift, and with Alt one pixel of the picture. */
const ARROW = 8
const FAR_ARROW = 40
const STEP = 1.4

export const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/**
 * The keyboard's hand over a picture: arrow keys move it, Enter presses. holds: the next Enter lets
 * go; else each does both. + − 0 enlarge and fit, Space is held to move.
 */
export function usePan(seen: Seen, doing: Doing, size: Size | null, holds: boolean) {
  /** null while a pointer is used. */
  const [hand, setHand] = useState<Point | null>(null)
  const isDown = useRef(false)
  const isSpace = useRef(false)

  const put = (at: Point) => {
    setHand({ ...at })
    doing.hover?.(at)
  }
  const here = ({ width, height }: Size) => hand ?? { x: width / 2, y: height / 2 }

  const go = (event: KeyboardEvent, [right, below]: readonly [number, number], of: Size) => {
    const scale = scaleOf(of, seen.space, seen.view)
    const step = event.altKey ? 1 : (event.shiftKey ? FAR_ARROW : ARROW) / scale
    const from = here(of)
    const to = {
      x: Math.min(Math.max(from.x + right * step, 0), of.width),
      y: Math.min(Math.max(from.y + below * step, 0), of.height),
    }
    put(to)
    if (isDown.current) doing.move(to, 0.5)
    seen.change((view) => bringIntoView(view, to, of, seen.space))
  }

  const press = (event: KeyboardEvent, of: Size) => {
    if (event.repeat) return
    const at = here(of)
    put(at)
    if (!isDown.current)
      doing.down(at, { pressure: 0.5, isOther: event.altKey, isShift: event.shiftKey })
    isDown.current = !isDown.current && holds
    if (!isDown.current) doing.up()
  }

  const plain = (key: string): boolean => {
    if (key === ' ') isSpace.current = true
    else if (key === '+' || key === '=') seen.zoomBy(STEP)
    else if (key === '-') seen.zoomBy(1 / STEP)
    else if (key === '0') seen.fit()
    else return false
    return true
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || !size) return
    const key = pressedKey(event)
    const arrow = ARROWS[key]
    if (arrow) go(event, arrow, size)
    else if (key === 'Enter') press(event, size)
    else if (key === 'Escape' && isDown.current) {
      // It gives up what was started; the next one leaves.
      isDown.current = false
      doing.cancel()
    } else if (event.altKey || !shortcutKeys(event).some(plain)) return
    event.preventDefault()
  }
  return {
    hand,
    isDown: isDown.current,
    isSpace,
    /** A pointer is used instead. */
    rest: () => {
      if (hand && !isDown.current) setHand(null)
    },
    keys: {
      onKeyDown,
      onKeyUp: (event: KeyboardEvent) => {
        if (pressedKey(event) === ' ') isSpace.current = false
      },
    },
  }
}
