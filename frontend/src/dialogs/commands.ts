/** Commands that open something, and undo and redo. */

import { csrfToken } from '../api/csrf'
import { open, redo, undo } from '../editor/actions'
import { register } from '../editor/commands'
import { saveNow } from '../editor/session'
import { editor } from '../editor/store'

register(
  {
    id: 'commands',
    label: 'All commands',
    group: 'Help',
    keys: ['Ctrl+K'],
    inFields: true,
    run: () => open({ name: 'commands' }),
  },
  {
    id: 'find',
    label: 'Search stages',
    group: 'View',
    keys: ['Ctrl+F', '/'],
    run: () => open({ name: 'find' }),
  },
  {
    id: 'keys',
    label: 'Keyboard shortcuts',
    group: 'Help',
    keys: ['?'],
    run: () => open({ name: 'keys' }),
  },
  {
    id: 'share',
    label: 'Share',
    group: 'Template',
    not: (state) => (state.template.role ? null : 'Only people who work on it see who else does.'),
    run: () => open({ name: 'share' }),
  },
  {
    id: 'remix',
    label: 'Remix',
    also: 'fork',
    group: 'Template',
    run: remix,
  },
  {
    id: 'run-table',
    label: 'Run for each row…',
    also: 'table csv spreadsheet',
    group: 'Run',
    not: (state) => (state.template.isOwner ? null : 'Remix it to run your own.'),
    run: openTable,
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Edit',
    keys: ['Ctrl+Z'],
    not: (state) => (state.undoLabel === null ? 'Nothing to undo' : null),
    run: undo,
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Edit',
    keys: ['Ctrl+Shift+Z', 'Ctrl+Y'],
    not: (state) => (state.redoLabel === null ? 'Nothing to redo' : null),
    run: redo,
  },
)

function remix(): void {
  const form = document.createElement('form')
  const token = document.createElement('input')
  form.method = 'post'
  form.action = `/t/${encodeURIComponent(editor().boot.templateId)}/fork`
  token.name = 'csrfmiddlewaretoken'
  token.value = csrfToken()
  form.append(token)
  form.hidden = true
  document.body.append(form)
  form.submit()
}

/** Its page saves the draft as a version: as the server has it. */
async function openTable(): Promise<void> {
  await saveNow()
  location.assign(`/t/${encodeURIComponent(editor().boot.templateId)}/table`)
}
