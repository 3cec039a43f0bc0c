import { select } from '../../editor/actions'
import { editor } from '../../editor/store'
import { type Box, covers, type Point } from '../../graph/geometry'
import { nodesIn, sheetsIn } from '../scene'
import { setCanvas } from '../state'
import { type MoveInput, type Next, ToolState } from './toolState'

/** A box is drawn, and what it touches is added to the selection. */
export class Brushing extends ToolState {
  readonly name = 'brushing'
  private readonly before = editor().selection

  constructor(private readonly from: Point) {
    super()
  }

  override leave(): void {
    setCanvas({ box: null })
  }

  override pointerMove({ at }: MoveInput): Next {
    const { from, before } = this
    const box = {
      x: Math.min(from.x, at.x),
      y: Math.min(from.y, at.y),
      width: Math.abs(from.x - at.x),
      height: Math.abs(from.y - at.y),
    }
    setCanvas({ box })
    select(new Set([...before, ...inside(box)]))
    return undefined
  }

  override escape(): Next {
    return this.cancel()
  }

  override cancel(): Next {
    select(this.before)
    return 'idle'
  }
}

function* inside(box: Box): Generator<string> {
  for (const [id] of nodesIn(box)) yield id
  // A frame is taken only whole: else nothing inside it could be boxed alone.
  for (const [{ id, type }, other] of sheetsIn(box))
    if (type === 'note' || covers(box, other)) yield id
}
