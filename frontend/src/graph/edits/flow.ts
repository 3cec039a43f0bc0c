/** Stages that do no work of their own: one asks a person, one does another for each of a list. */

import type { Doc, JsonObject, Tool } from '../../api/schema'
import { Draft, type Edit, edit, freshKey, freshLabel } from '../edit'
import { type Point, snap } from '../geometry'

const TITLES = { interactive: 'Question', batch: 'Repeat for each' } as const

/** Add an interactive or a batch stage. item: the tool a batch does for each element. */
export function addFlowStage(
  doc: Doc,
  type: 'interactive' | 'batch',
  at: Point | null,
  item: Tool | null = null,
): Edit {
  const draft = new Draft(doc)
  const title = TITLES[type]
  const key = freshKey(doc, type === 'batch' ? 'each' : 'ask')
  const label = freshLabel(doc, title)
  const stage: JsonObject = { id: key, type, label, produces: [key] }
  const value: JsonObject =
    type === 'interactive'
      ? { ...stage, userMessage: 'What should it be?' }
      : {
          ...stage,
          overBinding: '',
          itemName: 'item',
          itemStage: {
            type: 'fixed',
            tool: item?.name ?? 'generate_image',
            args: item ? {} : { prompt: '$item.item' },
          },
          concurrency: 4,
          itemLabelTemplate: '{index}',
        }
  draft.add({ op: 'put', table: 'stages', key, value })
  if (at) {
    const node = { stageId: key, x: snap(at.x), y: snap(at.y) }
    draft.add({ op: 'put', table: 'nodes', key, value: node })
  }
  return edit(`Add ${title}`, draft.ops, [key])
}
