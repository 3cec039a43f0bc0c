/** Actions on results of runs. */

import type { Json, JsonObject } from '../api/schema'
import { act, toast } from '../editor/actions'
import { api } from '../editor/api'
import { BOOT, editor } from '../editor/store'
import { setTemplateField } from '../graph/edits/fields'

/** Show what a run made on the template's page. It is a change like any other: it can be undone. */
export async function showAsPreview(artifactId: string): Promise<void> {
  try {
    const { previewArtifact } = await api.call<{ previewArtifact: JsonObject }>(
      `/app/documents/${encodeURIComponent(BOOT.templateId)}/preview`,
      { method: 'POST', body: { artifact: artifactId } },
    )
    const template = editor().doc.root.rows.template as JsonObject
    const before = Array.isArray(template.previewArtifacts) ? template.previewArtifacts : []
    const isOther = (one: Json) => (one as JsonObject | null)?.stageId !== previewArtifact.stageId
    const edit = setTemplateField(
      editor().doc,
      ['previewArtifacts'],
      [previewArtifact, ...before.filter(isOther)],
    )
    if (act({ ...edit, label: 'Use as preview' }))
      toast('It becomes the preview with the next version.')
    else toast('Already the preview.')
  } catch (problem) {
    toast(problem instanceof Error ? problem.message : "Couldn't change the preview.")
  }
}

export function runAddress(id: string): string {
  return `/runs/${encodeURIComponent(id)}`
}
