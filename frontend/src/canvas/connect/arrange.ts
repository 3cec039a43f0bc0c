/** Arranging what is selected: lined up, spread out, tidied, framed. */

import { act, say } from '../../editor/actions'
import { editor } from '../../editor/store'
import { type Alignment, align } from '../../graph/edits/align'
import { moveNodes } from '../../graph/edits/places'
import { COLUMN, NODE_WIDTH, type Point } from '../../graph/geometry'
import { tidy } from '../../graph/tidy'
import { nextStep } from '../../viewport/frames'
import { boxOf, everything, frameOf, sceneOf, shownPlaces } from '../scene'
import { canvas, setCanvas } from '../state'
import { fitView, reveal } from '../view'

const TIDY_MS = 420

export function alignSelection(how: Alignment): void {
  const { doc, wiring, selection } = editor()
  const edit = align(doc, wiring, [...selection], how, shownPlaces())
  glide(() => act(edit) && say(`${edit.label}.`))
}

/** Lay out what is selected, or everything. */
export function tidyUp(): void {
  const { doc, wiring, selection } = editor()
  const ids = [...selection].filter((id) => wiring.nodes.has(id))
  const isPart = ids.length > 1
  const edit = tidy(doc, wiring, isPart ? ids : undefined, shownPlaces())
  glide(() => {
    if (act(edit)) say('Tidied up.')
    // While they are on their way, the view goes to where they will be.
    if (isPart) reveal(ids)
    else fitView()
  })
}

/** Do something that moves nodes, and show them on their way. */
function glide(move: () => unknown): void {
  const from = new Map<string, Point>()
  for (const [id, box] of everything()) from.set(id, { x: box.x, y: box.y })
  // What is still on its way goes on from where it is.
  setCanvas({ moving: null })
  move()
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  const ways: [string, Point, Point][] = []
  const scene = sceneOf()
  for (const [id, before] of from) {
    const now = scene.nodes.get(id) ?? scene.sheets.get(id)?.box
    if (now && (now.x !== before.x || now.y !== before.y)) ways.push([id, before, now])
  }
  if (ways.length === 0) return
  const start = performance.now()
  let mine: ReadonlyMap<string, Point> | null = null
  const step = () => {
    // The user started dragging a node during the animation.
    if (canvas().moving !== mine) return
    const part = Math.min((performance.now() - start) / TIDY_MS, 1)
    const progress = 1 - (1 - part) ** 3
    mine =
      part === 1
        ? null
        : new Map(
            ways.map(([id, a, b]) => [
              id,
              { x: a.x + (b.x - a.x) * progress, y: a.y + (b.y - a.y) * progress },
            ]),
          )
    setCanvas({ moving: mine })
    if (mine) nextStep(step)
  }
  step()
}

/** Put what is selected to the right of the frame it is in. */
export function bringOut(): void {
  const { doc, selection } = editor()
  const moves = new Map<string, Point>()
  for (const id of selection) {
    const box = boxOf(id)
    const frame = frameOf(id)
    if (box && frame)
      moves.set(id, { x: frame.box.x + frame.box.width + COLUMN - NODE_WIDTH, y: box.y })
  }
  // As far apart as they stood.
  const leftmost = Math.min(...[...moves.keys()].map((id) => boxOf(id)?.x ?? 0))
  for (const [id, at] of moves)
    moves.set(id, { x: at.x + (boxOf(id)?.x ?? leftmost) - leftmost, y: at.y })
  glide(() => act({ ...moveNodes(doc, moves, shownPlaces()), label: 'Remove from frame' }))
}
