/** Ask in words for a template or for a change of it; accept or refuse what is proposed. */

import { register } from '../editor/commands'
import { type EditorState, editor, useEditor, whyViewOnly } from '../editor/store'
import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import { describing, useDescribe } from './store'

const asking = new Deferred(() => import('./asking'))
const drafting = onDemand(asking, 'Drafting')
const proposal = new Deferred(() => import('./proposal'))

function isBlank({ doc }: EditorState): boolean {
  return doc.stages.order.length === 0
}

function notNow(state: EditorState): string | null {
  return whyViewOnly(state) ?? (state.mode === 'compare' ? 'Close compare first.' : null)
}

function noProposal({ mode }: EditorState): string | null {
  return mode === 'compare' && describing().isShown ? null : 'There is no proposal.'
}

/** Enter on a control is that control's. */
function atControl(): string | null {
  const at = document.activeElement
  return at?.matches('a, button, input, select, textarea') ? 'Enter is the button’s.' : null
}

function openBox(): Promise<void> {
  return drafting((code) => code.openBox())
}

register(
  {
    id: 'describe',
    label: 'Describe it',
    group: 'Template',
    keys: ['D'],
    not: (state) =>
      notNow(state) ?? (isBlank(state) ? null : 'This template has stages. Use Change it.'),
    run: openBox,
  },
  {
    id: 'change',
    label: 'Change it',
    group: 'Template',
    keys: ['D'],
    not: (state) =>
      notNow(state) ?? (isBlank(state) ? 'There are no stages yet. Use Describe it.' : null),
    run: openBox,
  },
  {
    id: 'proposal.accept',
    label: 'Accept proposal',
    group: 'Template',
    keys: ['Enter'],
    not: (state) => noProposal(state) ?? atControl(),
    run: async () => (await proposal.get()).accept(),
  },
  {
    id: 'proposal.refuse',
    label: 'Refuse proposal',
    group: 'Template',
    keys: ['Escape'],
    not: noProposal,
    run: async () => (await proposal.get()).refuse(),
  },
)

if (typeof document !== 'undefined') askAsLinked()

/** `#describe`: the page that led here wants the template's brief drafted. It is asked once. */
function askAsLinked(): void {
  if (location.hash !== '#describe') return
  history.replaceState(null, '', location.pathname + location.search)
  const leave = useEditor.subscribe(({ phase }) => {
    if (phase !== 'open') return
    leave()
    void (async () => {
      if (!editor().canEdit || !(await asking.arrives())) return
      const { ask, firstBrief } = await asking.get()
      useDescribe.setState({ brief: firstBrief() })
      if (isBlank(editor()) && describing().brief !== '') await ask()
    })()
  })
}
