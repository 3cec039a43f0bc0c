/** The pictures that overlays may show: what comes in at the stage's port, in order. */

import { applyAll } from '../../../document/ops'
import { editor } from '../../../editor/store'
import { Draft, type Edit } from '../../../graph/edit'
import type { Json, Tool } from '../../../types'
import { bringMedium } from '../../bring'
import type { Picked } from '../../media/picked'
import { argumentSlot } from '../../stage/argument'
import { type Found, useEach } from '../source'
import { newOverlay, type Overlay } from './overlays'

export interface Picture {
  readonly url: string
  readonly title: string
}

/** What stands at each place of the port; null where nothing is there to look at yet. */
export function usePictures(node: string, tool: Tool): readonly (Picture | null)[] {
  const found = useEach(node, portOf(tool)?.name ?? '')
  return found.map(pictureOf)
}

function portOf(tool: Tool) {
  return tool.ports.find((port) => port.kind === 'image')
}

function pictureOf({ source }: Found): Picture | null {
  return source?.kind === 'image' ? { url: source.url, title: source.from.title } : null
}

/** Which place an overlay's picture has: as it says, else the next one that nobody took. */
export function placeOf(overlays: readonly Overlay[], at: number): number {
  const said = overlays[at]?.imageIndex
  if (said !== null && said !== undefined) return said
  const before = overlays
    .slice(0, at)
    .filter(({ kind, imageIndex }) => kind === 'image' && imageIndex === null)
  return before.length
}

/** Bring a picture to the stage and lay it over the clip, in one step. */
export function bringPicture(node: string, tool: Tool, picked: Picked, count: number): Edit | null {
  const { doc, tools } = editor()
  const port = portOf(tool)
  if (!port) return null
  const brought = bringMedium(doc, tools, node, port, picked)
  const draft = new Draft(applyAll(doc, brought.ops).doc)
  const slot = argumentSlot(draft.doc, tools, node, 'overlays', '')
  const held: Json[] = Array.isArray(slot.value) ? slot.value : []
  draft.setField(node, slot.field, [...held, newOverlay('image', count)])
  return { label: `Lay ${picked.title} over`, ops: [...brought.ops, ...draft.ops] }
}
