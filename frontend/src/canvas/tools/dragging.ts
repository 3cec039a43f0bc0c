import { editor } from '../../editor/store'
import type { Point } from '../../graph/geometry'
import { Move } from '../moving'
import { type MoveInput, type Next, ToolState } from './toolState'

const GRABBING = 'is-grabbing'

/** The state in which the selection follows the pointer. */
export class Dragging extends ToolState {
  readonly name = 'dragging'
  override readonly pansAtEdge = true
  private readonly move: Move

  /** from: where on the plane the press was. */
  constructor(
    id: string,
    private readonly from: Point,
  ) {
    super()
    this.move = new Move(editor().selection, id)
  }

  override enter(): void {
    document.documentElement.classList.add(GRABBING)
  }

  override leave(): void {
    document.documentElement.classList.remove(GRABBING)
    this.move.cancel()
  }

  override pointerMove({ at, isAlt }: MoveInput): Next {
    this.move.by(at.x - this.from.x, at.y - this.from.y, isAlt)
    return undefined
  }

  override pointerUp(): Next {
    this.move.drop()
    return 'idle'
  }
}
