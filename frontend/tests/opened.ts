/** An open document for component tests: a real session behind the real store, no server. */

import { configure } from '@testing-library/react'
import toolList from '../fixtures/tools.json'
import type { JsonObject, Tool } from '../src/api/schema'
import { toDocument } from '../src/document/convert'
import { Session } from '../src/document/session'
import { attach } from '../src/editor/actions'
import { useEditor } from '../src/editor/store'
import { ToolTable } from '../src/graph/tools'
import { readWiring } from '../src/graph/wiring'

// What is fetched when it is first asked for may take its time on a busy machine.
configure({ asyncUtilTimeout: 10_000 })

export const TOOLS = toolList as unknown as Tool[]

export function openDocument(spec: JsonObject): Session {
  const tools = new ToolTable(TOOLS)
  const session = new Session(toDocument(spec), 0)
  const mirror = () =>
    useEditor.setState({
      rev: session.rev,
      doc: session.view,
      wiring: readWiring(session.view, tools),
      undoLabel: session.canUndo,
      redoLabel: session.canRedo,
    })
  attach(session)
  useEditor.setState({
    phase: 'open',
    tools,
    canEdit: true,
    issues: [],
    people: [],
    media: {},
    selection: new Set<string>(),
    wire: null,
  })
  mirror()
  session.subscribe(mirror)
  return session
}
