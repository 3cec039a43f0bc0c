import { useEffect } from 'react'
import { closeDialog } from '../../editor/actions'
import { documentOf, useEditor } from '../../editor/store'
import { titleOf } from '../../graph/wiring'
import { Dialog } from '../../parts/Dialog'
import { useRun } from '../store'
import { AnswerForm } from './AnswerForm'

/** A question of the run, answered beside its node. It goes when someone else answers it. */
export function AnswerDialog() {
  const dialog = useEditor((state) => state.dialog)
  const request = dialog?.name === 'answer' ? dialog : null
  const wait = useRun((state) => state.run?.waits?.find((known) => known.id === request?.wait))
  const title = useEditor((state) =>
    wait?.stage ? titleOf(documentOf(state).wiring, wait.stage) : 'The run is waiting for you',
  )
  const isGone = request !== null && wait === undefined
  useEffect(() => {
    if (isGone) closeDialog()
  }, [isGone])
  if (!request || !wait) return null
  return (
    <Dialog title={title} className="answer-dialog" at={request.screen}>
      <AnswerForm wait={wait} onDone={() => closeAnswer(wait.id)} />
    </Dialog>
  )
}

/** Close the dialog of this question. By the time the server has replied, another may be open. */
function closeAnswer(wait: string): void {
  const { dialog } = useEditor.getState()
  if (dialog?.name === 'answer' && dialog.wait === wait) closeDialog()
}
