import { type Next, ToolState } from './toolState'

/** The view follows the pointer: d3-zoom moves it. */
export class Panning extends ToolState {
  readonly name = 'panning'
  override readonly isClaimed = false

  /** The view was moved already, and Escape means something else. */
  override escape(): Next {
    return undefined
  }
}
