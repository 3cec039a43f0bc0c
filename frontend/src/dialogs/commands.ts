/** Commands that open something, and undo and redo. */

import { CircleQuestionMark, Command, Redo2, Search, Undo2, Users } from 'lucide-react'
import { open, redo, undo } from '../editor/actions'
import { register } from '../editor/commands'

register(
  {
    id: 'commands',
    label: 'All commands',
    group: 'Help',
    icon: Command,
    keys: ['Ctrl+K'],
    inFields: true,
    run: () => open({ name: 'commands' }),
  },
  {
    id: 'find',
    label: 'Search stages',
    group: 'View',
    icon: Search,
    keys: ['Ctrl+F', '/'],
    run: () => open({ name: 'find' }),
  },
  {
    id: 'keys',
    label: 'Keyboard shortcuts',
    group: 'Help',
    icon: CircleQuestionMark,
    keys: ['?'],
    run: () => open({ name: 'keys' }),
  },
  {
    id: 'share',
    label: 'Share',
    group: 'Template',
    icon: Users,
    not: (state) => (state.template.role ? null : 'Only people who work on it see who else does.'),
    run: () => open({ name: 'share' }),
  },
  {
    id: 'undo',
    label: 'Undo',
    group: 'Edit',
    icon: Undo2,
    keys: ['Ctrl+Z'],
    not: (state) => (state.undoLabel === null ? 'Nothing to undo' : null),
    run: undo,
  },
  {
    id: 'redo',
    label: 'Redo',
    group: 'Edit',
    icon: Redo2,
    keys: ['Ctrl+Shift+Z', 'Ctrl+Y'],
    not: (state) => (state.redoLabel === null ? 'Nothing to redo' : null),
    run: redo,
  },
)
