/** Answering what a run asks: sent once, and the run looked at again. */

import { ApiError } from '../../api/http'
import type { Wait } from '../../api/schema'
import { say, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import { refresh } from '../lines'
import { inputOf, type Reply } from '../shared/replies'
import { runs } from '../store'

/** The props of each kind of question. */
export interface AskProps {
  wait: Wait
  isBusy: boolean
  onReply: (reply: Reply) => void
}

const DONE: Readonly<Record<Reply['type'], string>> = {
  text: 'Sent. The run continues.',
  complete: 'Sent. The run continues.',
  picked: 'Sent. The run continues.',
  approve: 'Approved. The run continues.',
  job: 'Checking this job.',
  redo: 'Redoing.',
  decline: 'Declined.',
  cancel: 'Run stopped. Finished stages are kept.',
}

/** Send an answer. False: it was not taken; why was said. */
export async function reply(wait: Wait, said: Reply): Promise<boolean> {
  const { run } = runs()
  if (!run) return false
  try {
    if (wait.type === 'cost')
      await api.decideCost(run.id, said.type === 'approve' ? 'confirm' : 'cancel')
    else if (wait.type === 'credit' && said.type === 'approve') await api.resumeRun(run.id)
    else await api.answerRun(run.id, inputOf(wait, said))
    say(DONE[said.type])
    return true
  } catch (problem) {
    if (problem instanceof ApiError) toast(problem.message)
    else toast("Couldn't send: can't reach the server. Your answer is kept.")
    return false
  } finally {
    refresh()
  }
}
