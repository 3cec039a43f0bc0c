/** The facts of one drawing of the canvas. */

import type { Box } from '../graph/geometry'
import type { View } from '../viewport/camera'
import { nodesIn } from './scene'
import { canvas } from './state'
import type { Theme } from './theme'

/** While something is moved it is drawn over the rest, which stays as it is. */
export type Part = 'still' | 'moving'

export interface Pass {
  readonly ink: CanvasRenderingContext2D
  readonly view: View
  /** The drawn part, in canvas coordinates. */
  readonly seen: Box
  readonly part: Part
  readonly isFar: boolean
  readonly theme: Theme
  /** Device pixels per canvas pixel. */
  readonly scale: number
}

/** Return true if something of the graph belongs to the drawn part. */
export function isInPart({ part }: Pass, id: string): boolean {
  return (canvas().moving?.has(id) ?? false) === (part === 'moving')
}

/** The nodes that are drawn, with where they are shown. */
export function shownNodes(pass: Pass): (readonly [string, Box])[] {
  const nodes = nodesIn(pass.seen)
  return canvas().moving ? nodes.filter(([id]) => isInPart(pass, id)) : nodes
}
