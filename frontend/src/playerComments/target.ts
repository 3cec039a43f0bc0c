/** The choice of a point: over a player's picture, by a click or by keys. */

import { pressedKey } from '../frame/press'
import { element } from './elements'
import type { Point } from './remarks'

/** The browser's own controls at the bottom of a video stay within reach. */
const CONTROLS_PX = 56
const STEP = 0.01
const LABEL = 'Point in the picture. Arrow keys move it, Enter sets it, Escape cancels.'
const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
export const MIDDLE: Point = { x: 0.5, y: 0.5 }

export interface Choosing {
  /** The point as it is now. */
  readonly point: () => Point | null
  readonly moved: (point: Point) => void
  readonly placed: (point: Point) => void
  readonly cancelled: () => void
}

export class PointTarget {
  readonly element = element('div', 'pins-target')

  /** layer: what lies over the picture, with the same edges. */
  constructor(
    private readonly layer: HTMLElement,
    private readonly choosing: Choosing,
  ) {
    this.element.hidden = true
    this.element.addEventListener('click', (event) => choosing.placed(pointOf(event, this.layer)))
    this.element.addEventListener('keydown', (event) => this.press(event))
  }

  get isOpen(): boolean {
    return !this.element.hidden
  }

  open(): void {
    this.element.hidden = false
    this.element.tabIndex = 0
    this.element.setAttribute('role', 'button')
    this.element.setAttribute('aria-label', LABEL)
  }

  close(): void {
    this.element.hidden = true
  }

  leaveRoom(hasControls: boolean): void {
    this.element.style.bottom = hasControls ? `${CONTROLS_PX}px` : '0'
  }

  /** Arrow keys move the point, Enter sets it. */
  private press(event: KeyboardEvent): void {
    const point = this.choosing.point() ?? MIDDLE
    const key = pressedKey(event)
    const way = WAYS[key]
    if (way) this.choosing.moved(movedBy(point, way, event.shiftKey ? 5 * STEP : STEP))
    else if (key === 'Enter' || key === ' ') this.choosing.placed(point)
    else if (key === 'Escape') this.choosing.cancelled()
    else return
    event.preventDefault()
  }
}

/** Return a click's point, in shares of an element; beside it, the nearest point inside. */
export function pointOf({ clientX, clientY }: MouseEvent, layer: Element): Point {
  const { left, top, width, height } = layer.getBoundingClientRect()
  return { x: share((clientX - left) / width), y: share((clientY - top) / height) }
}

export function isInside({ clientX, clientY }: MouseEvent, layer: Element): boolean {
  const { left, top, right, bottom } = layer.getBoundingClientRect()
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom
}

function movedBy({ x, y }: Point, [right, down]: readonly [number, number], far: number): Point {
  return { x: share(x + right * far), y: share(y + down * far) }
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value))
}
