import type { Use } from '../api/schema'
import { open, setMode } from '../editor/actions'
import { register } from '../editor/commands'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { Deferred } from '../parts/fetching'
import { compareUse, compareWith, comparing, isProposal, usedVersionOf } from './store'

const comparison = new Deferred(() => import('./comparison'))

/** Say why nothing can be taken: versions of another template are only looked at. */
function onlyTaking(state: EditorState): string | null {
  const isUse = usedVersionOf(comparing().to) !== null
  return onlyComparing(state) ?? whyViewOnly(state) ?? (isUse ? 'Close compare first.' : null)
}

function onlyComparing({ mode }: EditorState): string | null {
  return mode === 'compare' ? null : 'Compare versions first.'
}

/** The template that the selected stage is, if there is a newer version of it. */
function newerUse({ selection, doc, tools }: EditorState): Use | null {
  const [node] = selection
  const use = node && selection.size === 1 ? tools.use(stageOf(doc, node).tool) : null
  return use?.newer ? use : null
}

register(
  {
    id: 'save',
    label: 'Save version',
    group: 'Versions',
    keys: ['Ctrl+S'],
    inFields: true,
    not: whyViewOnly,
    run: () => open({ name: 'save' }),
  },
  {
    id: 'versions',
    label: 'Versions',
    group: 'Versions',
    not: whyViewOnly,
    run: () => open({ name: 'versions' }),
  },
  {
    id: 'compare',
    label: 'Compare with latest version',
    group: 'Versions',
    not: whyViewOnly,
    run: () => compareWith(editor().base.number),
  },
  {
    id: 'compare.use',
    label: 'See what changed in the template',
    group: 'Versions',
    not: (state) => (newerUse(state) ? null : 'Select a template stage with a newer version.'),
    run: () => {
      const use = newerUse(editor())
      if (use) void compareUse(use)
    },
  },
  {
    id: 'history',
    label: 'History',
    group: 'Versions',
    not: whyViewOnly,
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
    not: onlyTaking,
    run: async () => (await comparison.get()).answer(true),
  },
  {
    id: 'compare.keep',
    label: 'Skip this change',
    group: 'Versions',
    keys: ['N'],
    not: onlyTaking,
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
