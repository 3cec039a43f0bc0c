import { MessageCircle } from 'lucide-react'
import { open } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { besideNode } from '../run/asking'
import { useComments, useOpenCount } from './store'

/** At a stage's corner: how many comments wait there. */
export function CommentBadge({ stage, title }: { stage: string; title: string }) {
  const count = useOpenCount(stage)
  if (count === 0) return null
  const words = count === 1 ? '1 comment' : `${count} comments`
  return (
    <button
      type="button"
      className="comment-badge num"
      data-own-pointer=""
      aria-label={`${words} on ${title}`}
      title={words}
      onClick={() => {
        const screen = besideNode(stage)
        open({ name: 'comments', stage, ...(screen ? { screen } : {}) })
      }}
    >
      <MessageCircle className="i" aria-hidden />
      {count}
    </button>
  )
}

/** In the toolbar: all comments of the draft. */
export function CommentsButton() {
  const isThere = useComments((state) => state.isThere)
  const count = useComments((state) => state.threads.filter((one) => !one.isResolved).length)
  if (!isThere) return null
  return (
    <button
      type="button"
      className="btn btn-bare btn-s btn-icon comments-button"
      aria-label={count > 0 ? `Comments, ${count} open` : 'Comments'}
      title="Comments"
      onClick={() => runCommand('comments')}
    >
      <MessageCircle className="i" size={16} strokeWidth={1.75} aria-hidden />
      {count > 0 && <span className="num">{count}</span>}
    </button>
  )
}
