/** The comments on this draft. The server has them; it says over the document's socket to look again. */

import { create } from 'zustand'
import { ApiError } from '../api/http'
import type { CommentThread } from '../api/schema'
import { api } from '../editor/api'
import { BOOT, editor } from '../editor/store'

/** isKnown: they were asked for, and the server answered. isThere: this person may read them. */
interface CommentState {
  isKnown: boolean
  isThere: boolean
  mayWrite: boolean
  threads: readonly CommentThread[]
}

const NONE: CommentState = { isKnown: false, isThere: false, mayWrite: false, threads: [] }
export const useComments = create<CommentState>(() => NONE)

let requestCount = 0
let latestAnswer = 0

/** Read them again. An answer that a later question's overtook does not count. */
export async function loadComments(): Promise<void> {
  requestCount += 1
  const mine = requestCount
  const take = (state: CommentState) => {
    if (mine <= latestAnswer) return
    latestAnswer = mine
    useComments.setState({ ...state, isKnown: true })
  }
  if (!editor().template.role) {
    take(NONE)
    return
  }
  try {
    const { comments, mayWrite } = await api.comments(BOOT.templateId)
    take({ isKnown: true, isThere: true, mayWrite, threads: comments })
  } catch (failure) {
    // Offline, the ones that were read stay. Who may not read them has none.
    const isRefused = failure instanceof ApiError && [401, 403, 404].includes(failure.status)
    if (isRefused) take(NONE)
  }
}

/** Do something with a comment, and show what came of it. */
export async function change<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } finally {
    await loadComments()
  }
}

/** Threads that wait on a stage. */
export function useOpenCount(stage: string): number {
  return useComments(({ threads }) => openOn(threads, stage).length)
}

export function openOn(threads: readonly CommentThread[], stage: string): CommentThread[] {
  return threads.filter((thread) => thread.stage === stage && !thread.isResolved)
}
