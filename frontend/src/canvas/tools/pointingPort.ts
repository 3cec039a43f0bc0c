import { open, say } from '../../editor/actions'
import type { End } from '../../editor/store'
import { Connecting } from './connecting'
import { type MoveInput, type Next, type PressInput, ToolState } from './toolState'

/** A port is pressed: moving draws an edge, a click asks what to connect it to. */
export class PointingPort extends ToolState {
  readonly name = 'pointingPort'

  constructor(
    private readonly press: PressInput,
    private readonly end: End,
  ) {
    super()
  }

  override pointerMove({ hasMoved }: MoveInput): Next {
    return hasMoved ? new Connecting(this.end, this.press.isShift) : undefined
  }

  override pointerUp({ screen }: MoveInput): Next {
    open({ name: 'connect', from: this.end, screen })
    return 'idle'
  }

  override escape(): Next {
    say('Not connected.')
    return 'idle'
  }
}
