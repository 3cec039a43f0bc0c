/** Versions: made of what the server has, so everything pending is sent first. */

import type { VersionRow } from '../api/schema'
import { say, toast } from '../editor/actions'
import { api } from '../editor/api'
import { refreshFacts, saveNow } from '../editor/session'
import { BOOT } from '../editor/store'

/** Save the draft as a version. Throws what is to be told, ApiError 422 when it has errors. */
export async function saveVersion(label: string): Promise<VersionRow> {
  if (!(await saveNow()))
    throw new Error(
      "Can't reach the server. Your changes are saved on this device. Try again soon.",
    )
  const version = await api.saveVersion(BOOT.templateId, { label })
  await refreshFacts()
  toast(label ? `Saved as v${version.version}, “${label}”.` : `Saved as v${version.version}.`)
  return version
}

/**
 * Show a saved version to everyone. Throws ApiError 409 when another one was saved since.
 * license: a choice of the template's facts; empty: as before. shows: of the templates in it that
 * are shown with it. showsBrief: false removes the template's `brief`.
 */
export async function publish(
  number: number,
  license: string,
  shows: readonly string[],
  showsBrief: boolean,
): Promise<void> {
  const body = { number, shows, showsBrief, ...(license ? { license } : {}) }
  const { version } = await api.publish(BOOT.templateId, body)
  await refreshFacts()
  say(`Published v${version ?? ''}`)
  const address = `/t/${encodeURIComponent(BOOT.templateId)}`
  toast(`v${version ?? ''} is in the gallery.`, {
    label: 'View',
    run: () => location.assign(address),
  })
}
