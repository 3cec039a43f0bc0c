/** Answering what a run asks: sent once, and the run looked at again. */

import { ApiError } from '../../document/api'
import { say, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import type { JsonObject, Wait } from '../../types'
import { refresh } from '../lines'
import { runs } from '../store'

/** What a person may say to a question. */
export type Reply =
  | { is: 'text'; text: string }
  | { is: 'picked'; ids: readonly string[] }
  | { is: 'approve' }
  | { is: 'redo' }
  | { is: 'decline' }
  | { is: 'cancel' }

/** What each kind of question is given. */
export interface AskProps {
  wait: Wait
  isBusy: boolean
  onReply: (reply: Reply) => void
}

/** The answer as the public contract has it. */
export function inputOf(wait: Wait, reply: Reply): JsonObject {
  const step = wait.step ?? ''
  const stage = wait.stage ?? ''
  switch (reply.is) {
    case 'text':
      return { type: 'answer', stepId: step, text: reply.text }
    case 'picked':
      return { type: 'select_media', stepId: step, artifactIds: [...reply.ids] }
    case 'approve':
      return { type: 'approve_checkpoint', stageId: stage, stepId: step }
    case 'redo':
      return { type: 'redo_stage', stageId: stage }
    case 'decline':
      return { type: 'reject', stepId: step }
    case 'cancel':
      return { type: 'cancel' }
  }
}

const DONE: Readonly<Record<Reply['is'], string>> = {
  text: 'Answered. The run goes on.',
  picked: 'Chosen. The run goes on.',
  approve: 'Approved. The run goes on.',
  redo: 'It is made once more.',
  decline: 'Declined.',
  cancel: 'The run is stopped. Finished stages are kept.',
}

/** Send an answer. False: it was not taken; why was said. */
export async function reply(wait: Wait, said: Reply): Promise<boolean> {
  const { run } = runs()
  if (!run) return false
  try {
    if (wait.is === 'cost')
      await api.decideCost(run.id, said.is === 'approve' ? 'confirm' : 'cancel')
    else if (wait.is === 'credit' && said.is === 'approve') await api.resumeRun(run.id)
    else await api.answerRun(run.id, inputOf(wait, said))
    say(DONE[said.is])
    return true
  } catch (problem) {
    if (problem instanceof ApiError) toast(problem.message)
    else toast('Not answered: the server does not answer. Your words are still here.')
    return false
  } finally {
    refresh()
  }
}
