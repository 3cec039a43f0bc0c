import { focus, select, selectWire } from '../../editor/actions'
import { setCanvas } from '../state'
import { middleOf } from '../wires'
import { Brushing } from './brushing'
import { Panning } from './panning'
import { Pointing } from './pointing'
import type { MoveInput, Next, PressInput } from './toolState'

/** The ground is pressed, or an edge on it. */
export class PointingGround extends Pointing {
  readonly name = 'pointingGround'
  override readonly isClaimed: boolean

  constructor(private readonly press: PressInput) {
    super()
    this.isClaimed = press.isShift
  }

  override pointerMove({ hasMoved }: MoveInput): Next {
    if (!hasMoved) return undefined
    return this.press.isShift ? new Brushing(this.press.at) : new Panning()
  }

  override pointerUp(): Next {
    const { hit, isShift } = this.press
    if (!isShift) focus(null)
    if (hit.type !== 'wire' || isShift) {
      select([])
      return 'idle'
    }
    const { wire } = hit
    const middle = middleOf(wire)
    selectWire(wire.id)
    if (wire.isImplied && middle) setCanvas({ implied: { wire: wire.id, at: middle } })
    return 'idle'
  }
}
