/** A plan, the proposals that are made of one, and what is sent for them. */

import type * as declared from '../api/schema'

export type Plan = declared.PlanSettings
/** A row whose settings the server's schema leaves open. */
type WithPlan<Row> = Omit<Row, 'settings'> & { settings: Plan }
export type PlanRow = WithPlan<declared.PlanRow>
/** The plan beside a document. */
export type KeptPlan = WithPlan<declared.PlanRecord>
export type Proposal = Omit<declared.Proposal, 'plan'> & { plan: PlanRow | null }
export type KeptProposal = Omit<declared.KeptProposal, 'proposal'> & { proposal: Proposal }

/** A change without words, as `compose/changes/controls.py` declares it. What is absent stays. */
export type Controls = declared.JsonObject

/** The source of a draft: a plan, words or controls. selection: ids of the stages they mean. */
export type Source =
  | { settings: Plan }
  | { selection: readonly string[]; language: string }
  | { selection: readonly string[]; controls: Controls }
