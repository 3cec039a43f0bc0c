/** A person's request in words, and the proposal that waits for their answer. */

import { create } from 'zustand'
import type { Doc, Op, Proposal } from '../api/schema'

/** A drafted change of the document. ops: from `base`, the document that was sent, to the draft. */
export interface Proposed {
  readonly brief: string
  readonly answer: Proposal
  readonly base: Doc
  readonly ops: readonly Op[]
}

interface DescribeState {
  /** The box over the canvas. An empty canvas holds one that is always there. */
  isOpen: boolean
  brief: string
  /** True if "it" and "these" mean the stages that are selected. */
  hasSelection: boolean
  /** Epoch ms since when an answer is awaited; null: none is. */
  since: number | null
  /** The reason that there is no proposal, for the person; "" when nothing is wrong. */
  problem: string
  /** The problem is a question that more words answer. */
  isQuestion: boolean
  /** The brief answered last. Left in the box it is selected, so that other words replace it. */
  answered: string
  proposed: Proposed | null
  /** The proposal is on the canvas; else it waits beside what the person does. */
  isShown: boolean
  /** The edits since the proposal was asked for, in words; "" for none. */
  news: string
}

export const useDescribe = create<DescribeState>(() => ({
  isOpen: false,
  brief: '',
  hasSelection: true,
  since: null,
  problem: '',
  isQuestion: false,
  answered: '',
  proposed: null,
  isShown: false,
  news: '',
}))

/** The state now, for event handlers. */
export const describing = useDescribe.getState
