/** The highlight under a pointer that is not pressed. */

import { canvas, setCanvas } from '../state'

/** An edge stays highlighted so long: enough to reach the buttons at its middle. */
const LINGER_MS = 240

let leaving: ReturnType<typeof setTimeout> | undefined

export function hover(node: string | null, wire: string | null): void {
  const now = canvas()
  if (now.hoveredNode !== node) setCanvas({ hoveredNode: node })
  if (wire !== null) {
    keepHover()
    if (now.hoveredWire !== wire) setCanvas({ hoveredWire: wire })
  } else if (now.hoveredWire !== null && leaving === undefined) {
    leaving = setTimeout(() => {
      leaving = undefined
      setCanvas({ hoveredWire: null })
    }, LINGER_MS)
  }
}

/** The pointer is on the buttons of the edge. */
export function keepHover(): void {
  clearTimeout(leaving)
  leaving = undefined
}

export function clearHover(): void {
  hover(null, null)
}
