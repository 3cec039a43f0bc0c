import { open, setMode } from '../editor/actions'
import { register } from '../editor/commands'
import type { EditorState } from '../editor/store'
import { editor } from '../editor/store'
import { Deferred } from '../parts/fetching'
import { compareWith, isProposal } from './store'

const comparison = new Deferred(() => import('./comparison'))

function onlyEditors({ canEdit }: EditorState): string | null {
  return canEdit ? null : 'View only. Remix it to edit your own copy.'
}

function onlyComparing({ mode }: EditorState): string | null {
  return mode === 'compare' ? null : 'Compare versions first.'
}

register(
  {
    id: 'save',
    label: 'Save version',
    group: 'Versions',
    keys: ['Ctrl+S'],
    inFields: true,
    not: onlyEditors,
    run: () => open({ name: 'save' }),
  },
  {
    id: 'versions',
    label: 'Versions',
    group: 'Versions',
    not: onlyEditors,
    run: () => open({ name: 'versions' }),
  },
  {
    id: 'compare',
    label: 'Compare with latest version',
    group: 'Versions',
    not: onlyEditors,
    run: () => compareWith(editor().base.number),
  },
  {
    id: 'history',
    label: 'History',
    group: 'Versions',
    not: onlyEditors,
    run: () => open({ name: 'history' }),
  },
  {
    id: 'publish',
    label: 'Publish',
    group: 'Versions',
    not: (state) => (state.template.isOwner ? null : `Only ${state.boot.owner} can publish it.`),
    run: () => open({ name: 'publish' }),
  },
  {
    id: 'compare.next',
    label: 'Next change',
    group: 'Versions',
    keys: [']'],
    not: onlyComparing,
    run: async () => (await comparison.get()).step(1),
  },
  {
    id: 'compare.previous',
    label: 'Previous change',
    group: 'Versions',
    keys: ['['],
    not: onlyComparing,
    run: async () => (await comparison.get()).step(-1),
  },
  {
    id: 'compare.take',
    label: 'Apply this change',
    group: 'Versions',
    keys: ['Y'],
    not: (state) => onlyComparing(state) ?? onlyEditors(state),
    run: async () => (await comparison.get()).answer(true),
  },
  {
    id: 'compare.keep',
    label: 'Skip this change',
    group: 'Versions',
    keys: ['N'],
    not: (state) => onlyComparing(state) ?? onlyEditors(state),
    run: async () => (await comparison.get()).answer(false),
  },
  {
    id: 'compare.leave',
    label: 'Close compare',
    group: 'Versions',
    keys: ['Escape'],
    not: (state) => onlyComparing(state) ?? (isProposal() ? 'Accept or refuse it first.' : null),
    run: () => setMode('edit'),
  },
)
