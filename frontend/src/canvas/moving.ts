/** Moving by pointer or keys: transient on the canvas, one edit at the end. */

import { act } from '../editor/actions'
import { editor } from '../editor/store'
import { moveNodes } from '../graph/edits/places'
import { type Box, bounds, GRID, type Point, touches } from '../graph/geometry'
import { boxOf, sceneOf, shownPlaces, withContents } from './scene'
import { canvas, type Guide, setCanvas } from './state'
import { camera } from './view'

const REACH = 6

/** Things on their way. `first`: the one under the pointer, which snaps. */
export class Move {
  private readonly start = new Map<string, Point>()
  private readonly around: Box | null
  private readonly others: Box[]
  private readonly first: Point

  constructor(ids: Iterable<string>, first: string) {
    const all = withContents(ids)
    const boxes: Box[] = []
    for (const id of all) {
      const box = boxOf(id)
      if (!box) continue
      this.start.set(id, { x: box.x, y: box.y })
      boxes.push(box)
    }
    this.first = this.start.get(first) ?? { x: 0, y: 0 }
    this.around = bounds(boxes)
    this.others = [...sceneOf().nodes].filter(([id]) => !all.has(id)).map(([, box]) => box)
  }

  /** Show them this far from where they were. isFree: no guides. */
  by(x: number, y: number, isFree = false): void {
    const { dx, dy, guides } = isFree || !this.around ? plain(x, y) : this.guided(x, y)
    // The node under the pointer lands on the grid, unless a guide holds it.
    const gx = dx === x ? onGrid(this.first.x + x) - this.first.x : dx
    const gy = dy === y ? onGrid(this.first.y + y) - this.first.y : dy
    const moving = new Map<string, Point>()
    for (const [id, at] of this.start) moving.set(id, { x: at.x + gx, y: at.y + gy })
    setCanvas({ moving, guides })
  }

  private guided(x: number, y: number): { dx: number; dy: number; guides: Guide[] } {
    const around = this.around as Box
    const target = { ...around, x: around.x + x, y: around.y + y }
    const reach = REACH / camera.view.zoom
    const visible = camera.seen()
    const near = this.others.filter((box) => touches(box, visible))
    const onX = nearest(near, target, 'x', reach)
    const onY = nearest(near, target, 'y', reach)
    const snapTarget = { ...target, x: target.x + (onX?.off ?? 0), y: target.y + (onY?.off ?? 0) }
    const guides: Guide[] = []
    for (const [axis, match] of [
      ['x', onX],
      ['y', onY],
    ] as const) {
      if (!match) continue
      const [place, size] = axis === 'x' ? (['y', 'height'] as const) : (['x', 'width'] as const)
      guides.push({
        axis,
        at: match.at,
        from: Math.min(snapTarget[place], match.box[place]) - 12,
        to: Math.max(snapTarget[place] + snapTarget[size], match.box[place] + match.box[size]) + 12,
      })
    }
    return { dx: x + (onX?.off ?? 0), dy: y + (onY?.off ?? 0), guides }
  }

  drop(): void {
    const { moving } = canvas()
    if (moving) {
      const { doc } = editor()
      const moves = [...moving].filter(([id, at]) => {
        const before = this.start.get(id)
        return before && (before.x !== at.x || before.y !== at.y)
      })
      if (moves.length > 0) act(moveNodes(doc, new Map(moves), shownPlaces()))
    }
    this.cancel()
  }

  cancel(): void {
    setCanvas({ moving: null, guides: [] })
  }
}

function plain(x: number, y: number): { dx: number; dy: number; guides: Guide[] } {
  return { dx: x, dy: y, guides: [] }
}

function onGrid(value: number): number {
  return Math.round(value / GRID) * GRID
}

/** Find the shortest move that lines up an edge or the middle with another's. */
function nearest(
  others: readonly Box[],
  box: Box,
  axis: 'x' | 'y',
  reach: number,
): { off: number; at: number; box: Box } | null {
  const size = axis === 'x' ? 'width' : 'height'
  const own = [box[axis], box[axis] + box[size] / 2, box[axis] + box[size]]
  let best: { off: number; at: number; box: Box } | null = null
  let least = reach
  for (const other of others) {
    const theirs = [other[axis], other[axis] + other[size] / 2, other[axis] + other[size]]
    for (let at = 0; at < 3; at += 1) {
      const off = (theirs[at] ?? 0) - (own[at] ?? 0)
      // Places stay on the grid, so that a guide never leaves half pixels behind.
      if (Math.abs(off) >= least || Math.abs(off % 1) > 0.01) continue
      least = Math.abs(off)
      best = { off, at: theirs[at] ?? 0, box: other }
    }
  }
  return best
}

/** Arrow keys: the selection moves at once; a burst is one undo step. */
export function nudge(x: number, y: number): void {
  const { selection, doc } = editor()
  const moves = new Map<string, Point>()
  for (const id of withContents(selection)) {
    const box = boxOf(id)
    if (box) moves.set(id, { x: box.x + x, y: box.y + y })
  }
  if (moves.size === 0) return
  const merge = `arrows/${[...selection].sort().join(' ')}`
  act(moveNodes(doc, moves, shownPlaces()), { merge })
}
