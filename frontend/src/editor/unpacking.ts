/**
 * Unpacking a stage, and stages made a template. Stages inside a stage are here, those of a template
 * the server knows.
 */

import { stageOf } from '../graph/documentReaders'
import { collapsedFrom, unpack, unpackedFrom } from '../graph/edits/unpack'
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

/** Put stages into a new template of this name, and one stage that is it in their place. */
export async function collapseStages(keys: readonly string[], title: string): Promise<void> {
  await saveAll()
  const answer = await api.collapseUse(BOOT.templateId, { stages: keys, title })
  learnUses(answer.uses)
  const { doc, wiring, tools } = editor()
  act(collapsedFrom(doc, wiring, tools, keys, title, answer))
}

/** Have the server know the document as it is here. */
async function saveAll(): Promise<void> {
  if (!(await saveNow())) throw new Error("Couldn't save your last change. Try again.")
}

async function unpackTemplate(key: string, points?: ReadonlyMap<string, Point>): Promise<void> {
  try {
    await saveAll()
    const answer = await api.unpackUse(BOOT.templateId, { stage: key })
    learnUses(answer.uses)
    const { doc, wiring, tools } = editor()
    act(unpackedFrom(doc, wiring, tools, key, answer, points ?? placesOf(doc, wiring)))
  } catch (error) {
    toast((error as Error).message)
  }
}
