/** The inspector's command: giving the keyboard to the name of what is selected. */

import { type Command, register } from '../editor/commands'
import { rename, useInspector } from '../editor/inspected'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { INPUTS } from '../graph/documentReaders'

/**
 * Return the id to rename: the only selected one, else the focused one, else "" for the template;
 * null for a connection or several.
 */
function renameTarget({ selection, focused, wire }: EditorState): string | null {
  if (wire !== null || selection.size > 1) return null
  const [only] = selection
  return only ?? focused ?? ''
}

const RENAME: Command = {
  id: 'edit.rename',
  label: 'Rename',
  group: 'Edit',
  keys: ['F2'],
  not: (state) => {
    if (state.mode === 'compare') return 'Close compare first.'
    const viewOnly = whyViewOnly(state)
    if (viewOnly !== null) return viewOnly
    const id = renameTarget(state)
    if (id === null) return 'Select one item first.'
    if (id.startsWith('note:')) return 'Notes have no name.'
    return id === INPUTS && useInspector.getState().input === null ? 'Select an input first.' : null
  },
  run: () => {
    const id = renameTarget(editor())
    if (id === '') document.querySelector<HTMLElement>('.editor-bar .name')?.focus()
    else if (id !== null) rename(id)
  },
}

register(RENAME)
