/** What may be said to a question, and how the public contract calls it. Pure. */

import type { JsonObject, Wait } from '../../api/schema'

/** What a person may say to a question. */
export type Reply =
  | { type: 'text'; text: string }
  | { type: 'picked'; ids: readonly string[] }
  | { type: 'approve' }
  | { type: 'redo' }
  | { type: 'decline' }
  | { type: 'cancel' }

/** The answer as the public contract has it. */
export function inputOf(wait: Wait, reply: Reply): JsonObject {
  const step = wait.step ?? ''
  const stage = wait.stage ?? ''
  switch (reply.type) {
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
