import type { StepState } from './stepState'
import { between } from './time'

/** Seconds a running stage still needs: by its own pace, else by what its tool usually takes. */
export function secondsLeft(step: StepState, usual: number | null, now: number): number | null {
  if (step.status !== 'running' || !step.startedAt) return null
  const elapsed = between(step.startedAt, null, now)
  if (step.progress > 0.1 && elapsed > 1) return (elapsed * (1 - step.progress)) / step.progress
  return usual ? Math.max(0, usual - elapsed) : null
}
