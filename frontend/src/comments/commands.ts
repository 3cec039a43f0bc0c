/** Comments by key and by name. */

import { open, toast } from '../editor/actions'
import { register } from '../editor/commands'
import { editor } from '../editor/store'
import { besideNode } from '../run/asking'
import { loadComments, useComments } from './store'

/** Return why there is nothing to open, or null, also until the first answer. */
function notThere(): string | null {
  if (editor().inside) return 'Go back to the whole template first.'
  const { isKnown, isThere } = useComments.getState()
  return isThere || !isKnown ? null : 'Only people this draft is shared with can comment.'
}

function notWritable(): string | null {
  const { isKnown, mayWrite } = useComments.getState()
  return (
    notThere() ??
    (mayWrite || !isKnown ? null : 'You can look at this draft, but not comment on it.')
  )
}

/** Open them once the server has said who may. */
async function openWhenKnown(not: () => string | null, stage?: string): Promise<void> {
  if (!useComments.getState().isKnown) await loadComments()
  const reason = not()
  if (reason !== null) {
    toast(reason)
    return
  }
  const screen = stage === undefined ? null : besideNode(stage)
  open({ name: 'comments', ...(stage ? { stage } : {}), ...(screen ? { screen } : {}) })
}

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
    not: notWritable,
    run: () => void openWhenKnown(notWritable, stageNow()),
  },
  {
    id: 'comments',
    label: 'Show comments',
    group: 'View',
    not: notThere,
    run: () => void openWhenKnown(notThere),
  },
)
