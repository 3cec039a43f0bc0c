/** Adding from the palette: without a place, a stage is to the right of what is selected. */

import type { InputType } from '../api/schema'
import { act, say } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { editor, type Point } from '../editor/store'
import { centre } from '../editor/viewport'
import { addFlowStage } from '../graph/edits/flow'
import { addInput } from '../graph/edits/names'
import { addStage } from '../graph/edits/stages'
import { NODE_WIDTH, storedAt } from '../graph/geometry'
import type { StageChoice } from './choices'

/** What is dragged from the palette: {tool}, {input}, {stage} or a DraggedMedium, as JSON under this type. */
export const DRAGGED = 'application/x-reelgraph-part'

/** One of one's own files, dragged as an input that has it. value: as a document keeps it. */
export interface DraggedMedium {
  readonly input: Extract<InputType, 'image' | 'video' | 'audio'>
  readonly value: string
  readonly title: string
}

const COLUMN = 280

/** Add a tool's stage, or one that steers, and select it. at: its corner. */
export function addNow(tool: string, type?: StageChoice['type'], at?: Point): void {
  const { doc, wiring, tools } = editor()
  const place = at ?? freePlace()
  if (type) act(addFlowStage(doc, type, place))
  else {
    const known = tools.get(tool)
    if (!known) return
    act(addStage(doc, wiring, tools, known, place))
  }
  // Beside what was selected may be out of sight.
  if (!at) runCommand('view.reveal')
  say('Added. Press Enter for settings.')
}

export function addInputNow(type: InputType): void {
  act(addInput(editor().doc, type))
}

/** Right of the selected stage, else in the middle of what is seen; never on another stage. */
function freePlace(): Point {
  const { doc, selection, wiring } = editor()
  const chosen = [...selection].map((id) => storedAt(doc, id)).find((place) => place !== null)
  const middle = centre()
  const start = chosen
    ? { x: chosen.x + COLUMN, y: chosen.y }
    : { x: middle.x - NODE_WIDTH / 2, y: middle.y - 100 }
  const taken = [...wiring.nodes.keys()].map((id) => storedAt(doc, id))
  const isTaken = (at: Point) =>
    taken.some((other) => other && Math.abs(other.x - at.x) < 230 && Math.abs(other.y - at.y) < 220)
  for (let tries = 0; tries < 40 && isTaken(start); tries += 1) start.y += 60
  return { x: Math.round(start.x / 4) * 4, y: Math.round(start.y / 4) * 4 }
}
