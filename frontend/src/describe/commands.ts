/** Ask in words for a template or for a change of it; accept or refuse what is proposed. */

import { type Command, register } from '../editor/commands'
import { type EditorState, editor, useEditor, whyViewOnly } from '../editor/store'
import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import { keptPlan } from './planRow'
import { describing, useDescribe, whyNotAccept } from './store'

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

/** The command of the box, for templates without stages or with some. why: it is the other one. */
function openBox(id: string, label: string, isForBlank: boolean, why: string): Command {
  return {
    id,
    label,
    group: 'Template',
    keys: ['D'],
    not: (state) => notNow(state) ?? (isBlank(state) === isForBlank ? null : why),
    run: () => drafting((code) => code.openBox()),
  }
}

register(
  openBox('describe', 'Describe it', true, 'This template has stages. Use Change it.'),
  openBox('change', 'Change it', false, 'There are no stages yet. Use Describe it.'),
  {
    id: 'plan',
    label: 'Change the plan',
    group: 'Template',
    not: (state) =>
      notNow(state) ?? (keptPlan(state.doc) ? null : 'There is no plan. Use Describe it first.'),
    run: () => drafting((code) => code.openPlan()),
  },
  {
    id: 'proposal.accept',
    label: 'Accept proposal',
    group: 'Template',
    keys: ['Enter'],
    not: (state) => noProposal(state) ?? atControl() ?? whyNotAccept(describing()),
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

if (typeof document !== 'undefined') startOnceOpen()

/**
 * `#describe`: the page that led here wants the template's brief drafted. It is asked once. Else
 * what was asked before a reload is offered.
 */
function startOnceOpen(): void {
  const isLinked = location.hash === '#describe'
  if (isLinked) history.replaceState(null, '', location.pathname + location.search)
  const leave = useEditor.subscribe(({ phase }) => {
    if (phase !== 'open') return
    leave()
    void (async () => {
      if (!editor().canEdit || !(await asking.arrives())) return
      const { ask, firstBrief, resume } = await asking.get()
      if (!isLinked) return resume()
      useDescribe.setState({ brief: firstBrief() })
      if (isBlank(editor()) && describing().brief !== '') await ask()
    })()
  })
}
