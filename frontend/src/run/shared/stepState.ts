/** A step as it is shown: what the server says of it, and of a batch how its items are. */

import type { StepRecord } from '../../api/schema'

/** left: skipped or stopped. */
export interface Counts {
  readonly total: number
  readonly done: number
  readonly failed: number
  readonly running: number
  readonly left: number
}

/**
 * counts: of a batch whose items are known, counted here. atWork: of what holds stages, the title of
 * the first that is running. asks: while it waits for someone else, their name.
 */
export type StepState = StepRecord & {
  readonly counts?: Counts
  readonly atWork?: string
  readonly asks?: string
}
