/** The parts of the pointer's states. `machine.ts` says which there are and how they follow. */

import type { Point } from '../../graph/geometry'
import type { Hit } from '../hitTest'

export type PointerKind = 'mouse' | 'pen' | 'touch'

/** An event of one pointer, as states read it. */
export interface PointerInput {
  readonly kind: PointerKind
  /** In the window. */
  readonly screen: Point
  /** On the plane. */
  readonly at: Point
  /** The thing that lies there; looked up when it is first asked for. */
  readonly hit: Hit
  readonly isShift: boolean
  readonly isAlt: boolean
  /** Ctrl, or Command. */
  readonly isCommand: boolean
}

export interface PressInput extends PointerInput {
  readonly button: number
  /** Names the press: edits of one are one undo step. */
  readonly time: number
}

export interface MoveInput extends PointerInput {
  /** A button is held, or a finger is down. */
  readonly isPressed: boolean
  /** True if the pointer went far enough since the press to be no click. */
  readonly hasMoved: boolean
  /** It is over something that keeps what is highlighted, as the buttons of an edge do. */
  readonly isKeeping: boolean
  /** It left what shows the plane. */
  readonly isOutside: boolean
}

export type ToolEvent =
  | { readonly type: 'pointerDown'; readonly input: PressInput }
  | { readonly type: 'pointerMove'; readonly input: MoveInput }
  | { readonly type: 'pointerUp'; readonly input: MoveInput }
  | { readonly type: 'pointerLeave' }
  | { readonly type: 'doubleClick'; readonly input: PointerInput }
  | { readonly type: 'longPress'; readonly input: PointerInput; readonly target: Element }
  | { readonly type: 'escape' }
  /** A second finger, a lost pointer, another window, or the canvas is closed. */
  | { readonly type: 'cancel' }

/** The state that follows; undefined: this one stays. */
export type Next = ToolState | 'idle' | undefined

export abstract class ToolState {
  abstract readonly name:
    | 'idle'
    | 'pointingNode'
    | 'pointingPort'
    | 'pointingGround'
    | 'dragging'
    | 'connecting'
    | 'brushing'
    | 'panning'
  /** The press is ours: the view does not move by it. */
  readonly isClaimed: boolean = true
  /** The view moves along when the pointer comes near its edge. */
  readonly pansAtEdge: boolean = false

  enter(): void {}

  /** Called however it ends: nothing may stay moved, marked or open. */
  leave(): void {}

  pointerDown(_input: PressInput): Next {
    return undefined
  }

  pointerMove(_input: MoveInput): Next {
    return undefined
  }

  pointerUp(_input: MoveInput): Next {
    return 'idle'
  }

  doubleClick(_input: PointerInput): Next {
    return undefined
  }

  longPress(_input: PointerInput, _target: Element): Next {
    return undefined
  }

  escape(): Next {
    return 'idle'
  }

  cancel(): Next {
    return 'idle'
  }
}
