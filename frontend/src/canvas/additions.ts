/** Adding from the palette: without a place, a stage is to the right of what is selected. */

import type { InputType } from '../api/schema'
import { act, say } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { editor } from '../editor/store'
import type { StageChoice } from '../graph/choices'
import { addFlowStage } from '../graph/edits/flow'
import { addInput } from '../graph/edits/names'
import { addStage } from '../graph/edits/stages'
import { COLUMN, NODE_WIDTH, type Point } from '../graph/geometry'
import { isTemplate } from '../graph/tools'
import { inRoom, inView } from './room'
import { boxOf } from './scene'

/** The type of drags from the palette: {tool}, {input}, {stage} or a DraggedMedium, as JSON. */
export const DRAGGED = 'application/x-reelgraph-part'

/** One of one's own files, dragged as an input that has it. value: as a document keeps it. */
export interface DraggedMedium {
  readonly input: Extract<InputType, 'image' | 'video' | 'audio'>
  readonly value: string
  readonly title: string
}

const ORIGIN = { x: 0, y: 0 }
const START = 0.05

/** Add a tool's stage, or one that steers, and select it: right of what is selected, else in view. */
export function addNow(tool: string, type?: StageChoice['type']): void {
  const { doc, wiring, tools } = editor()
  const toolEntry = tools.get(tool)
  // What a template is connected to at once had better be to its left.
  const at = besideSelected() ?? (isTemplate(tool) ? beside(doc.stages.order.at(-1)) : null)
  const place = at ?? ORIGIN
  const edit = type
    ? addFlowStage(doc, type, place)
    : toolEntry && addStage(doc, wiring, tools, toolEntry, place)
  if (!edit) return
  act(at ? inRoom(edit) : inView(edit))
  // Beside what was selected may be out of sight.
  runCommand('view.reveal')
  say('Added. Press Enter for settings.')
}

export function addInputNow(type: InputType): void {
  const { doc, wiring } = editor()
  // They are where a graph begins.
  if (wiring.nodes.size === 0) act(inView(addInput(doc, type, undefined, ORIGIN), START))
  else act(addInput(doc, type))
}

function besideSelected(): Point | null {
  const [first] = editor().selection
  return beside(first)
}

function beside(id: string | undefined): Point | null {
  const box = id === undefined ? null : boxOf(id)
  return box && { x: box.x + box.width + COLUMN - NODE_WIDTH, y: box.y }
}
