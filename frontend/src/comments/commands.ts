/** Comments by key and by name. */

import { open } from '../editor/actions'
import { register } from '../editor/commands'
import { editor } from '../editor/store'
import { besideNode } from '../run/asking'
import { useComments } from './store'

const notThere = () =>
  useComments.getState().isThere ? null : 'Only people this draft is shared with can comment.'

/** The stage that is selected or has the keyboard. */
function stageNow(): string | undefined {
  const { doc, selection, focused } = editor()
  const chosen = selection.size === 1 ? [...selection][0] : focused
  return chosen && doc.stages.rows[chosen] ? chosen : undefined
}

register(
  {
    id: 'comment',
    label: 'Comment',
    group: 'Edit',
    keys: ['Shift+C'],
    not: () =>
      notThere() ??
      (useComments.getState().mayWrite
        ? null
        : 'You can look at this draft, but not comment on it.'),
    run: () => {
      const stage = stageNow()
      const screen = stage === undefined ? null : besideNode(stage)
      open({ name: 'comments', ...(stage ? { stage } : {}), ...(screen ? { screen } : {}) })
    },
  },
  {
    id: 'comments',
    label: 'Show comments',
    group: 'View',
    not: notThere,
    run: () => open({ name: 'comments' }),
  },
)
