/**
 * Events on the canvas's element, as events of the machine: one place that listens, holds the
 * pointer, says whether it moved, moves the view at its edge, and keeps presses from d3-zoom.
 */

import { pointAt } from '../../editor/presence'
import { isTyping } from '../../frame/events'
import { pressedKey } from '../../frame/press'
import type { Point } from '../../graph/geometry'
import { edgePan, isOutside } from '../../viewport/edgePan'
import { nextStep } from '../../viewport/frames'
import { type Hit, hitAt, isControl } from '../hitTest'
import { type Held, hold } from '../hold'
import { PANELS } from '../menu'
import { canvas } from '../state'
import { camera } from '../view'
import { Machine } from './machine'
import type { MoveInput, PointerInput, PointerKind } from './toolState'

/** A press that moves less than this is a click, in screen pixels. A finger is never quite still. */
const MOVED: Readonly<Record<PointerKind, number>> = { mouse: 4, pen: 4, touch: 8 }
const LONG_PRESS_MS = 500

interface Press {
  readonly pointer: number
  readonly start: Point
  readonly held: Held
  hasMoved: boolean
  /** The last event: where the pointer is while the view moves under it. */
  last: PointerEvent
}

export class Dispatcher {
  readonly machine = new Machine()
  private press: Press | null = null
  private leaveEdge: (() => void) | null = null
  private menuTimer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly element: HTMLElement) {}

  /** Returns what stops it. */
  listen(): () => void {
    const { element } = this
    const stop = new AbortController()
    const { signal } = stop
    element.addEventListener('pointerdown', this.onDown, { signal, capture: true })
    element.addEventListener('pointerleave', this.onLeave, { signal })
    element.addEventListener('lostpointercapture', this.onLost, { signal })
    element.addEventListener('dblclick', this.onDouble, { signal })
    element.addEventListener('touchstart', this.onTouch, { signal, capture: true, passive: false })
    window.addEventListener('pointermove', this.onMove, { signal })
    window.addEventListener('pointerup', this.onUp, { signal })
    window.addEventListener('pointercancel', this.onLost, { signal })
    window.addEventListener('blur', this.cancel, { signal })
    window.addEventListener('keydown', this.onKey, { signal, capture: true })
    return () => {
      stop.abort()
      this.cancel()
      clearTimeout(this.menuTimer)
    }
  }

  /** Return true if an event may move the view: the wheel always, a press that no state claims. */
  readonly mayMoveView = (event: Event): boolean => {
    if (event.type === 'wheel' || canvas().isPanning) return true
    const isOnControl = event.target instanceof Element && isControl(event.target)
    return !isOnControl && !this.machine.state.isClaimed
  }

  private readonly onDown = (event: PointerEvent) => {
    clearTimeout(this.menuTimer)
    // Another pointer: a second finger pinches, and what the first one did is taken back.
    const isOther = this.press !== null && this.press.pointer !== event.pointerId
    this.cancel()
    if (isOther || !event.isPrimary) return
    const { button, timeStamp: time } = event
    this.machine.dispatch({ type: 'pointerDown', input: { ...this.read(event), button, time } })
    this.waitForMenu(event)
    const { name } = this.machine.state
    if (name === 'idle') return
    if (name === 'pointingPort') takeFocus(event)
    this.press = {
      pointer: event.pointerId,
      start: { x: event.clientX, y: event.clientY },
      held: hold(this.element, event),
      hasMoved: false,
      last: event,
    }
  }

  private readonly onMove = (event: PointerEvent) => {
    const { press } = this
    if (press === null) {
      if (!this.isInside(event)) return
      pointAt(camera.toPlane({ x: event.clientX, y: event.clientY }))
      this.machine.dispatch({ type: 'pointerMove', input: this.readMove(event) })
      return
    }
    if (press.pointer !== event.pointerId) return
    press.last = event
    pointAt(camera.toPlane({ x: event.clientX, y: event.clientY }))
    if (!press.hasMoved && distance(press.start, event) >= MOVED[kindOf(event)]) {
      press.hasMoved = true
      press.held.capture()
      clearTimeout(this.menuTimer)
    }
    this.machine.dispatch({ type: 'pointerMove', input: this.readMove(event) })
    if (this.machine.state.name === 'idle') this.release()
    else this.panAtEdge()
  }

  private readonly onUp = (event: PointerEvent) => {
    clearTimeout(this.menuTimer)
    if (this.press?.pointer !== event.pointerId) return
    this.machine.dispatch({ type: 'pointerUp', input: this.readMove(event) })
    this.release()
  }

  private readonly onLost = (event: PointerEvent) => {
    clearTimeout(this.menuTimer)
    if (this.press?.pointer === event.pointerId) this.cancel()
  }

  private readonly onLeave = () => {
    pointAt(null)
    this.machine.dispatch({ type: 'pointerLeave' })
  }

  private readonly onDouble = (event: MouseEvent) => {
    // A text that is written in place opens by it.
    if (event.target instanceof Element && event.target.closest('.written')) return
    this.machine.dispatch({ type: 'doubleClick', input: this.read(event) })
  }

  /** A touch that took a port is not also a click. */
  private readonly onTouch = (event: TouchEvent) => {
    if (this.machine.state.name === 'pointingPort') event.preventDefault()
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (pressedKey(event) !== 'Escape' || !this.machine.dispatch({ type: 'escape' })) return
    event.preventDefault()
    event.stopPropagation()
    this.release()
  }

  private readonly cancel = () => {
    this.machine.dispatch({ type: 'cancel' })
    this.release()
  }

  private release(): void {
    this.leaveEdge?.()
    this.leaveEdge = null
    const { press } = this
    this.press = null
    press?.held.end()
  }

  private waitForMenu(event: PointerEvent): void {
    const { target } = event
    if (event.pointerType !== 'touch' || isTyping(event) || !(target instanceof Element)) return
    if (target.closest(PANELS)) return
    this.menuTimer = setTimeout(() => {
      this.machine.dispatch({ type: 'longPress', input: this.read(event), target })
      if (this.machine.state.name === 'idle') this.release()
    }, LONG_PRESS_MS)
  }

  /** While the pointer is near the edge, the view moves under it in each frame. */
  private panAtEdge(): void {
    if (this.leaveEdge || !this.machine.state.pansAtEdge) return
    this.leaveEdge = nextStep(() => {
      this.leaveEdge = null
      const { press } = this
      if (press === null || !this.machine.state.pansAtEdge) return
      const by = edgePan(this.element, { x: press.last.clientX, y: press.last.clientY })
      if (!by) return
      camera.panBy(by.x, by.y)
      this.machine.dispatch({ type: 'pointerMove', input: this.readMove(press.last) })
      this.panAtEdge()
    })
  }

  private isInside({ target }: Event): boolean {
    return target instanceof Node && this.element.contains(target)
  }

  private readMove(event: PointerEvent): MoveInput {
    const input = this.read(event)
    return Object.assign(input, {
      isPressed: event.buttons !== 0,
      hasMoved: this.press?.hasMoved ?? false,
      isKeeping: event.target instanceof Element && event.target.closest('.wire-tools') !== null,
      isOutside: isOutside(this.element, input.screen),
    })
  }

  private read(event: MouseEvent): PointerInput {
    const screen = { x: event.clientX, y: event.clientY }
    const at = camera.toPlane(screen)
    const kind = kindOf(event)
    const target = event.target instanceof Element ? event.target : this.element
    let cachedHit: Hit | null = null
    return {
      kind,
      screen,
      at,
      get hit() {
        cachedHit ??= hitAt(target, screen, at, kind === 'touch')
        return cachedHit
      },
      isShift: event.shiftKey,
      isAlt: event.altKey,
      isCommand: event.ctrlKey || event.metaKey,
    }
  }
}

function kindOf(event: MouseEvent): PointerKind {
  if (!('pointerType' in event)) return 'mouse'
  return event.pointerType === 'touch' || event.pointerType === 'pen' ? event.pointerType : 'mouse'
}

function distance({ x, y }: Point, { clientX, clientY }: MouseEvent): number {
  return Math.hypot(clientX - x, clientY - y)
}

/** The browser neither focuses nor selects by this press, and a field that is written in is left. */
function takeFocus(event: PointerEvent): void {
  event.preventDefault()
  const field = document.activeElement
  if (field instanceof HTMLElement && field.matches('input, textarea, [contenteditable]'))
    field.blur()
}
