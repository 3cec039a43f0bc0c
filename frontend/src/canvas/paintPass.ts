/** What is known while the canvas is drawn once. */

import { editor } from '../editor/store'
import type { Box } from '../graph/geometry'
import type { View } from '../viewport/camera'
import { sceneOf, shifted } from './scene'
import { canvas } from './state'
import type { Theme } from './theme'

export interface Pass {
  readonly ink: CanvasRenderingContext2D
  readonly view: View
  /** What is seen, in canvas coordinates. */
  readonly seen: Box
  readonly isFar: boolean
  readonly theme: Theme
  /** Device pixels per canvas pixel. */
  readonly scale: number
}

/** The nodes that are seen, with where they are shown. */
export function* shownNodes(pass: Pass): Generator<[string, Box]> {
  const { moving } = canvas()
  const { seen } = pass
  const right = seen.x + seen.width
  const bottom = seen.y + seen.height
  for (const [id, stored] of sceneOf(editor()).nodes) {
    const box = moving ? shifted(stored, moving.get(id)) : stored
    if (box.x > right || box.y > bottom) continue
    if (box.x + box.width < seen.x || box.y + box.height < seen.y) continue
    yield [id, box]
  }
}
