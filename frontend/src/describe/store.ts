/** A person's request in words, and the proposal that waits for their answer. */

import { create } from 'zustand'
import type { Doc, Op } from '../api/schema'
import type { Origin } from './plan'
import type { Controls, KeptProposal, Plan, Proposal } from './planTypes'

/**
 * A drafted change of the document. ops: from `base`, the document that was sent, to the draft. by:
 * the planner of the words; a draft of changed settings has the same.
 */
export interface Proposed {
  readonly brief: string
  readonly answer: Proposal
  readonly base: Doc
  readonly ops: readonly Op[]
  readonly by: string
}

export const STALE = 'The template has changed since. Make it again.'
export const READY = 'A proposal is ready.'

/** The plan of a proposal, as long as there is none. */
export const NO_PLAN = {
  /** The settings as the person has them; null for a change of stages. */
  plan: null as Plan | null,
  /** The first answer to the words; null for a plan that was opened again. */
  origin: null as Origin | null,
  /** The proposal is of a former plan: a draft of this one is on its way. */
  isDrafting: false,
  /** The sentence that says what the plan needs to be drafted; "" for nothing. */
  lack: '',
  /** The reason that this plan has no draft, as it is shown; "" when nothing is wrong. */
  planProblem: '',
  /** A proposal from before a reload, for a draft that has changed since. */
  stale: null as KeptProposal | null,
  /** The plan would replace what was changed by hand. */
  isReplacing: false,
}

const NOTHING = {
  ...NO_PLAN,
  /** The box over the canvas. An empty canvas holds one that is always there. */
  isOpen: false,
  brief: '',
  /** The changes that are set without words. */
  controls: {} as Controls,
  /** True if "it" and "these" mean the stages that are selected. */
  hasSelection: true,
  /** Epoch ms since when an answer is awaited; null: none is. */
  since: null as number | null,
  /** The reason that there is no proposal, for the person; "" when nothing is wrong. */
  problem: '',
  /** The problem is a question that more words answer. */
  isQuestion: false,
  /** The brief answered last. Left in the box it is selected, so that other words replace it. */
  answered: '',
  proposed: null as Proposed | null,
  /** The number of times that a proposal was put on the canvas. */
  looks: 0,
  /** The proposal is on the canvas; else it waits beside what the person does. */
  isShown: false,
  /** The edits since the proposal was asked for, in words; "" for none. */
  news: '',
}

export const useDescribe = create(() => NOTHING)

/** The state now, for event handlers. */
export const describing = useDescribe.getState

/** Return the reason that the proposal can't be accepted now, or null. */
export function whyNotAccept({ isDrafting, lack, planProblem }: typeof NO_PLAN): string | null {
  return isDrafting ? 'Wait for the draft.' : lack || planProblem || null
}
