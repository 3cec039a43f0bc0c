/** The draft's problems in people's words, asked of the server some time after each save. */

import { api } from './api'
import { keepIssues } from './calm'
import { BOOT, editor, useEditor } from './store'

const PAUSE_MS = 400
let timer: ReturnType<typeof setTimeout> | undefined
let request: AbortController | null = null
let lastRevision = -1

/** Ask soon; a later call takes this one's place. Nothing is asked twice for one revision. */
export function lookForIssues(): void {
  clearTimeout(timer)
  timer = setTimeout(() => void look(), PAUSE_MS)
}

async function look(): Promise<void> {
  const { template, rev, sync } = editor()
  if (!template.canEdit || rev === lastRevision || sync.pending > 0) return
  request?.abort()
  request = new AbortController()
  const { signal } = request
  try {
    const answer = await api.issues(BOOT.templateId, { signal })
    lastRevision = answer.rev
    useEditor.setState({ savedRev: answer.savedRev })
    keepIssues(answer.issues)
  } catch {
    // Offline, or a newer question took its place: the next save asks again.
  }
}
