/** The pictures and clips for overlays: those that come in at the stage's ports, in order. */

import type { Json, Tool, ToolPort } from '../../../api/schema'
import { applyAll } from '../../../document/ops'
import { editor } from '../../../editor/store'
import { Draft, type Edit } from '../../../graph/edit'
import { type Found, useEach } from '../../../run/source'
import type { Picked } from '../../media/picked'
import { argumentSlot } from '../../stage/argument'
import { bringMedium } from '../../upload'
import { newOverlay } from './overlays'

export interface Picture {
  readonly url: string
  readonly title: string
  readonly isClip: boolean
}

/** By kind, what is at each place; null where nothing is there to look at yet. */
export interface Pictures {
  readonly image: readonly (Picture | null)[]
  readonly clip: readonly (Picture | null)[]
}

export function usePictures(node: string, tool: Tool): Pictures {
  const image = useEach(node, portOf(tool, 'image')?.name ?? '')
  const clip = useEach(node, portOf(tool, 'clip')?.name ?? '')
  return { image: image.map(pictureOf), clip: clip.map(pictureOf) }
}

function portOf(tool: Tool, kind: 'image' | 'clip'): ToolPort | undefined {
  return tool.ports.find((port) =>
    kind === 'image' ? port.kind === 'image' : port.name === 'clips',
  )
}

function pictureOf({ source }: Found): Picture | null {
  if (source?.kind !== 'image' && source?.kind !== 'video') return null
  return { url: source.url, title: source.from.title, isClip: source.kind === 'video' }
}

/** Bring a picture or a clip to the stage and lay it over, in one step. */
export function bringPicture(
  node: string,
  tool: Tool,
  kind: 'image' | 'clip',
  picked: Picked,
  count: number,
): Edit | null {
  const { doc, tools } = editor()
  const port = portOf(tool, kind)
  if (!port) return null
  const upload = bringMedium(doc, tools, node, port, picked)
  const draft = new Draft(applyAll(doc, upload.ops).doc)
  const slot = argumentSlot(draft.doc, tools, node, 'overlays', '')
  const current: Json[] = Array.isArray(slot.value) ? slot.value : []
  draft.setField(node, slot.field, [...current, newOverlay(kind, count)])
  return { label: `Add overlay ${picked.title}`, ops: [...upload.ops, ...draft.ops] }
}
