/** Unpacking a stage: its stages inside are here, those of a template the server knows. */

import { stageOf } from '../graph/documentReaders'
import { unpack, unpackedFrom } from '../graph/edits/unpack'
import type { Point } from '../graph/geometry'
import { placesOf } from '../graph/layout'
import { isTemplate } from '../graph/tools'
import { act, toast } from './actions'
import { api } from './api'
import { saveNow } from './session'
import { BOOT, editor } from './store'
import { learnUses } from './uses'

/** Put what a stage holds in its place. points: the current positions of the nodes. */
export function unpackStage(key: string, points?: ReadonlyMap<string, Point>): void {
  const { doc, wiring, tools } = editor()
  if (isTemplate(stageOf(doc, key).tool)) void unpackTemplate(key, points)
  else act(unpack(doc, wiring, tools, key, points))
}

async function unpackTemplate(key: string, points?: ReadonlyMap<string, Point>): Promise<void> {
  try {
    if (!(await saveNow())) throw new Error("Couldn't save your last change. Try again.")
    const answer = await api.unpackUse(BOOT.templateId, { stage: key })
    learnUses(answer.uses)
    const { doc, wiring, tools } = editor()
    act(unpackedFrom(doc, wiring, tools, key, answer, points ?? placesOf(doc, wiring)))
  } catch (error) {
    toast((error as Error).message)
  }
}
