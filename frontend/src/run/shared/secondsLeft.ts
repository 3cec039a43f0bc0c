import type { StepState } from './stepState'
import { between } from './time'

/** Seconds a running stage still needs: by its own pace, else by what its tool usually takes. */
export function secondsLeft(step: StepState, usual: number | null, now: number): number | null {
  if (step.status !== 'running' || !step.startedAt) return null
  const seconds = between(step.startedAt, null, now)
  if (step.progress > 0.1 && seconds > 1) return (seconds * (1 - step.progress)) / step.progress
  return usual ? Math.max(0, usual - seconds) : null
}
