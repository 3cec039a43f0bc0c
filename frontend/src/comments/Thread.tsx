import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { CommentThread, Comment as Written } from '../api/schema'
import { ago } from '../document/history'
import { toast } from '../editor/actions'
import { api } from '../editor/api'
import { Avatar } from '../parts/Avatar'
import { change } from './store'
import { WriteForm } from './WriteForm'

interface Props {
  thread: CommentThread
  /** The id of the comment that was asked for. */
  wanted: number
  mayWrite: boolean
  /** The place where it is pinned, if that is to be said. */
  place: ReactNode
}

/** A remark with its answers. */
export function Thread({ thread, wanted, mayWrite, place }: Props) {
  const [isAnswering, setAnswering] = useState(false)
  const act = (action: 'resolve' | 'reopen') => doing(api.changeComment(thread.id, action))
  return (
    <li className={`thread${thread.isResolved ? ' is-resolved' : ''}`}>
      {place && <div className="thread-place">{place}</div>}
      <One comment={thread} isWanted={thread.id === wanted} />
      {thread.answers.length > 0 && (
        <ol className="answers">
          {thread.answers.map((answer) => (
            <li key={answer.id}>
              <One comment={answer} isWanted={answer.id === wanted} />
            </li>
          ))}
        </ol>
      )}
      {isAnswering ? (
        <WriteForm
          label="Reply"
          onSend={async (text) => {
            await change(api.changeComment(thread.id, 'answer', { text }))
            setAnswering(false)
          }}
          onCancel={() => setAnswering(false)}
          isFirst
        />
      ) : (
        <div className="thread-do">
          {mayWrite && (
            <button
              type="button"
              className="btn btn-s btn-bare"
              onClick={() => setAnswering(true)}
              aria-label={`Reply to ${thread.author}`}
            >
              Reply
            </button>
          )}
          {thread.canResolve && (
            <button
              type="button"
              className="btn btn-s btn-bare"
              onClick={() => act(thread.isResolved ? 'reopen' : 'resolve')}
            >
              {thread.isResolved ? 'Reopen' : 'Resolve'}
            </button>
          )}
        </div>
      )}
    </li>
  )
}

function One({ comment, isWanted }: { comment: Written; isWanted: boolean }) {
  const [isEditing, setEditing] = useState(false)
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isWanted) element.current?.scrollIntoView({ block: 'nearest' })
  }, [isWanted])
  return (
    <div ref={element} className={`one-comment${isWanted ? ' is-shown' : ''}`}>
      <p className="comment-by">
        <Avatar name={comment.author} hue={comment.hue} />
        <strong>
          <bdi>{comment.author}</bdi>
        </strong>
        <time className="faint" dateTime={comment.createdAt}>
          {ago(comment.createdAt)}
          {comment.isEdited && ', edited'}
        </time>
        <span className="grow" />
        {comment.canEdit && !isEditing && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => setEditing(true)}>
            Edit
          </button>
        )}
        {!comment.isOwn && (
          <a
            className="btn btn-s btn-bare"
            href={`/comments/${comment.id}/report`}
            target="_blank"
            rel="noopener"
            aria-label={`Report the comment of ${comment.author}`}
          >
            Report
          </a>
        )}
        {comment.canRemove && !isEditing && (
          <button
            type="button"
            className="btn btn-s btn-bare"
            onClick={() => {
              if (window.confirm('Delete this comment?')) {
                doing(api.changeComment(comment.id, 'remove'))
              }
            }}
          >
            Delete
          </button>
        )}
      </p>
      {isEditing ? (
        <WriteForm
          label="Save"
          text={comment.text}
          onSend={async (text) => {
            await change(api.changeComment(comment.id, 'edit', { text }))
            setEditing(false)
          }}
          onCancel={() => setEditing(false)}
          isFirst
        />
      ) : (
        <p className="comment-text" dir="auto">
          {comment.text}
        </p>
      )}
    </div>
  )
}

/** Do what a button is for: a refusal is told in passing. */
function doing(call: Promise<unknown>): void {
  change(call).catch((failure: Error) => toast(failure.message))
}
