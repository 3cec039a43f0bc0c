/** Replies to a question, and their names in the public contract. Pure. */

import type { JsonObject, Wait } from '../../api/schema'

/** A person's reply to a question. */
export type Reply =
  | { type: 'text'; text: string }
  /** A stage that a person does; they may say nothing. */
  | { type: 'complete'; text: string }
  | { type: 'picked'; ids: readonly string[] }
  | { type: 'approve' }
  /** The id of the job that a lost request led to. */
  | { type: 'job'; id: string }
  /** words: what is said otherwise this time, by argument. */
  | { type: 'redo'; words?: Readonly<Record<string, string>> }
  | { type: 'decline' }
  | { type: 'cancel' }

/** The answer as the public contract has it. */
export function inputOf(wait: Pick<Wait, 'step' | 'stage'>, reply: Reply): JsonObject {
  const step = wait.step ?? ''
  const stage = wait.stage ?? ''
  switch (reply.type) {
    case 'text':
      return { type: 'answer', stepId: step, text: reply.text }
    case 'complete':
      return { type: 'interactive_complete', stepId: step, result: reply.text }
    case 'picked':
      return { type: 'select_media', stepId: step, artifactIds: [...reply.ids] }
    case 'approve':
      return { type: 'approve_checkpoint', stageId: stage, stepId: step }
    case 'job':
      return { type: 'attach_job', stepId: step, jobId: reply.id }
    case 'redo':
      return {
        type: 'redo_stage',
        stageId: stage,
        ...(reply.words ? { overrideArgs: reply.words } : {}),
      }
    case 'decline':
      return { type: 'reject', stepId: step }
    case 'cancel':
      return { type: 'cancel' }
  }
}
