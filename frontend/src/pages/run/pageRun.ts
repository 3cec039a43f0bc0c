/** The run of a page: its head with what only the page shows, and its steps by key. */

import type { PageView } from '../../api/schema'
import type { RunHead } from '../../run/shared/runHead'
import type { StepState } from '../../run/shared/stepState'

export type PageHead = RunHead & { readonly page: PageView }
export type Steps = Readonly<Record<string, StepState>>

export interface PageRun {
  run: PageHead
  steps: Steps
}

/** The thing shown large. id: of a file; null: the run's question, or nothing yet. */
export interface OnScreen {
  readonly id: string | null
  /** A person chose it. */
  readonly isChosen: boolean
}
