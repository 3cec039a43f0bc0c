/** Opens the document: fetches it and the tools, and keeps the store true from then on. */

import { Session } from '../document/session'
import { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import type { Opened, Tool } from '../types'
import { attach } from './actions'
import { BOOT, editor, useEditor } from './store'

const set = useEditor.setState

export async function openEditor(): Promise<void> {
  try {
    const [opened, table] = await Promise.all([
      read<Opened>(`/app/documents/${encodeURIComponent(BOOT.templateId)}`),
      read<{ tools: Tool[] }>('/app/tools'),
    ])
    start(opened, new ToolTable(table.tools))
  } catch (failure) {
    const words = failure instanceof Error ? failure.message : ''
    set({ phase: 'failed', problem: words || 'The template could not be opened.' })
  }
}

function start(opened: Opened, tools: ToolTable): void {
  const session = new Session(opened.state, opened.rev)
  attach(session)
  set({
    phase: 'open',
    template: opened.template,
    base: opened.base,
    savedRev: opened.savedRev,
    canEdit: opened.template.canEdit,
    media: opened.media,
    people: opened.people,
    tools,
    rev: opened.rev,
    doc: session.view,
    wiring: readWiring(session.view, tools),
  })
  session.subscribe(() => mirror(session))
}

/** Bring what the session knows into the store. Wiring keeps the identity of what is unchanged. */
function mirror(session: Session): void {
  const { doc, wiring, tools } = editor()
  const view = session.view
  set({
    rev: session.rev,
    undoLabel: session.canUndo,
    redoLabel: session.canRedo,
    ...(view === doc ? {} : { doc: view, wiring: readWiring(view, tools, wiring) }),
  })
}

async function read<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path, { headers: { accept: 'application/json' } })
  const body = await response.json()
  if (!response.ok) throw new Error(body.message)
  return body as Answer
}
