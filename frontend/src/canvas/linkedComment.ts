/** Comments as the editor opens: read once, and the one that its address names is shown. */

import { loadComments, useComments } from '../comments/store'
import { open, setFace, toast } from '../editor/actions'
import { editor } from '../editor/store'
import { besideNode } from '../run/asking'
import { fitView } from './view'

const TRIES = 120

export async function openComments(): Promise<void> {
  await loadComments()
  const commentId = Number(new URLSearchParams(location.search).get('comment'))
  if (commentId) show(commentId)
}

function show(comment: number): void {
  const thread = useComments
    .getState()
    .threads.find(({ id, answers }) => id === comment || answers.some((one) => one.id === comment))
  if (!thread) toast("This comment was deleted, or you can't see it.")
  else if (!editor().doc.stages.rows[thread.stage]) open({ name: 'comments', comment })
  else {
    setFace('canvas')
    openAt(thread.stage, comment)
  }
}

/** Center a stage and open its comments beside it, once the canvas is there. */
export function openAt(stage: string, comment?: number): void {
  const dialog = { name: 'comments', stage, ...(comment ? { comment } : {}) } as const
  let left = TRIES
  const look = () => {
    left -= 1
    const isReady = document.querySelector('.work-area')?.getAttribute('aria-busy') === 'false'
    if (isReady) fitView([stage], false)
    const screen = isReady ? besideNode(stage) : null
    if (screen) open({ ...dialog, screen })
    else if (left > 0) requestAnimationFrame(look)
    else open(dialog)
  }
  requestAnimationFrame(look)
}
