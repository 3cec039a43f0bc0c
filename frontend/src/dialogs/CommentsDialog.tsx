import { useState } from 'react'
import type { CommentThread } from '../api/schema'
import { openAt } from '../canvas/linkedComment'
import { change, useComments } from '../comments/store'
import { Thread } from '../comments/Thread'
import { WriteForm } from '../comments/WriteForm'
import { closeDialog, open } from '../editor/actions'
import { api } from '../editor/api'
import { BOOT, useEditor } from '../editor/store'
import { Dialog } from '../parts/Dialog'

const NONE: Readonly<Record<string, never>> = {}

/** The comments of one stage beside it, or all of the draft's. */
export function CommentsDialog() {
  const dialog = useEditor((state) => (state.dialog?.name === 'comments' ? state.dialog : null))
  const nodes = useEditor((state) => state.wiring.nodes)
  const { threads, mayWrite, isThere } = useComments()
  const [showsResolved, setShowsResolved] = useState(false)
  const { stage, comment, screen } = dialog ?? NONE
  const isOne = stage !== undefined
  const here = isOne ? threads.filter((one) => one.stage === stage) : threads
  const isWanted = (one: CommentThread) =>
    one.id === comment || one.answers.some(({ id }) => id === comment)
  const visibleThreads = here.filter((one) => showsResolved || !one.isResolved || isWanted(one))
  const hidden = here.length - visibleThreads.length
  const nameOf = (key: string) => nodes.get(key)?.title ?? key
  const title = isOne ? `Comments on ${nameOf(stage)}` : 'Comments'
  const buttons = (
    <>
      {(hidden > 0 || showsResolved) && (
        <button
          type="button"
          className="btn btn-s btn-bare"
          aria-pressed={showsResolved}
          onClick={() => setShowsResolved(!showsResolved)}
        >
          {showsResolved ? 'Hide resolved' : `Show ${hidden} resolved`}
        </button>
      )}
      {isOne && isThere && (
        <button
          type="button"
          className="btn btn-s btn-bare"
          onClick={() => open({ name: 'comments' })}
        >
          All comments
        </button>
      )}
      <span className="grow" />
      <button type="button" className="btn btn-s" onClick={closeDialog}>
        Close
      </button>
    </>
  )
  return (
    <Dialog title={title} className="comments-dialog" at={screen}>
      {!isThere && <p className="muted">Only people this draft is shared with see its comments.</p>}
      {isThere && visibleThreads.length === 0 && (
        <p className="muted">{isOne ? 'No open comments on this stage.' : 'No open comments.'}</p>
      )}
      <ol className="threads">
        {visibleThreads.map((thread) => (
          <Thread
            key={thread.id}
            thread={thread}
            wanted={comment ?? 0}
            mayWrite={mayWrite}
            place={isOne ? null : <Place thread={thread} />}
          />
        ))}
      </ol>
      {mayWrite ? (
        <WriteForm
          label="Comment"
          placeholder={isOne ? `Comment on ${nameOf(stage)}` : 'Comment on the whole draft'}
          onSend={(text) => change(api.comment(BOOT.templateId, { text, stage: stage ?? '' }))}
          isFirst
        >
          {buttons}
        </WriteForm>
      ) : (
        <div className="row">{buttons}</div>
      )}
    </Dialog>
  )
}

/** The subject of a thread, in the list of all. */
function Place({ thread }: { thread: CommentThread }) {
  const { stage } = thread
  const isThere = useEditor((state) => state.doc.stages.rows[stage] !== undefined)
  const title = useEditor((state) => state.wiring.nodes.get(stage)?.title ?? stage)
  if (stage === '') return <span className="faint">Whole draft</span>
  if (!isThere) return <span className="faint">On a removed stage</span>
  return (
    <button
      type="button"
      className="link"
      dir="auto"
      onClick={() => {
        closeDialog()
        openAt(stage, thread.id)
      }}
    >
      {title}
    </button>
  )
}
