/** Final and unfinished states of runs. */

import { FINAL_RUN_STATUSES, type RunStatus } from '../../api/schema'

const FINAL: readonly RunStatus[] = FINAL_RUN_STATUSES

export function isFinal(status: RunStatus): boolean {
  return FINAL.includes(status)
}

export function isUnfinished(run: { status: RunStatus } | null): boolean {
  return run !== null && !isFinal(run.status)
}
