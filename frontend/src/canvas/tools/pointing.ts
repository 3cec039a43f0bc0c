import { openMenuAt } from '../menu'
import { type Next, type PointerInput, ToolState } from './toolState'

/** Pressed, and not moved yet. */
export abstract class Pointing extends ToolState {
  /** A finger that stays opens the menu of what it is on. */
  override longPress({ screen }: PointerInput, target: Element): Next {
    openMenuAt(target, screen)
    return 'idle'
  }
}
