import { focus, select } from '../../editor/actions'
import { editor } from '../../editor/store'
import { Dragging } from './dragging'
import { Panning } from './panning'
import { Pointing } from './pointing'
import type { MoveInput, Next, PressInput } from './toolState'

/** A node is pressed: it is selected now, or when the pointer goes up where it went down. */
export class PointingNode extends Pointing {
  readonly name = 'pointingNode'
  override readonly isClaimed: boolean
  private readonly wasSelected: boolean
  private readonly isAdding: boolean

  constructor(
    private readonly press: PressInput,
    private readonly id: string,
  ) {
    super()
    this.wasSelected = editor().selection.has(id)
    // A finger on what is not selected pans; a second touch moves it.
    this.isClaimed = press.kind !== 'touch' || this.wasSelected
    this.isAdding = this.isClaimed && (press.isShift || press.isCommand)
  }

  override enter(): void {
    if (this.isClaimed && !this.wasSelected && !this.isAdding) click(this.id)
  }

  override pointerMove({ hasMoved }: MoveInput): Next {
    if (!hasMoved) return undefined
    if (!this.isClaimed) return new Panning()
    if (!editor().canEdit) return 'idle'
    if (!editor().selection.has(this.id)) select([this.id], this.press.isShift)
    return new Dragging(this.id, this.press.at)
  }

  override pointerUp(): Next {
    if (this.isAdding) select([this.id], true)
    else if (!this.isClaimed || (this.wasSelected && editor().selection.size > 1)) click(this.id)
    return 'idle'
  }
}

function click(id: string): void {
  select([id])
  focus(id)
}
