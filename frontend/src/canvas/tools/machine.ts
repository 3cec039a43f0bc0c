/**
 * The pointer on the canvas as states, of which one is current. It gets every event and names the
 * one that follows.
 *
 *   from            on                                            to
 *   idle            down on a port, if the graph may be edited    pointingPort
 *                   down on a node                                pointingNode
 *                   down on the ground or an edge                 pointingGround
 *                   down with Space held, or the middle button    panning
 *   pointingNode    moved, by a finger that found it unselected   panning
 *                   moved                                         dragging
 *   pointingPort    moved                                         connecting
 *   pointingGround  moved with Shift                              brushing
 *                   moved                                         panning
 *   pointing…       up: it was a click; a long press: the menu    idle
 *   all others      up: done; Escape and cancel: taken back       idle
 *
 * What moves the view is d3-zoom (`viewport/zooming.ts`); it gets only presses that the current
 * state does not claim.
 */

import { clearHover } from './hovering'
import { Idle } from './idle'
import type { Next, ToolEvent, ToolState } from './toolState'

export class Machine {
  private current: ToolState = new Idle()

  get state(): ToolState {
    return this.current
  }

  /** Hand an event to the current state. Returns whether another one followed. */
  dispatch(event: ToolEvent): boolean {
    const next = this.ask(event)
    if (next === undefined) return false
    this.current.leave()
    this.current = next === 'idle' ? new Idle() : next
    this.current.enter()
    // The move that begins something is its first one.
    if (event.type === 'pointerMove') this.current.pointerMove(event.input)
    return true
  }

  private ask(event: ToolEvent): Next {
    const { current } = this
    switch (event.type) {
      case 'pointerDown':
        return current.pointerDown(event.input)
      case 'pointerMove':
        return current.pointerMove(event.input)
      case 'pointerUp':
        return current.pointerUp(event.input)
      case 'pointerLeave':
        clearHover()
        return undefined
      case 'doubleClick':
        return current.doubleClick(event.input)
      case 'longPress':
        return current.longPress(event.input, event.target)
      case 'escape':
        return current.escape()
      case 'cancel':
        return current.cancel()
    }
  }
}
