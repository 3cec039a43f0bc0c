import type { StepState } from '../../run/shared/stepState'
import { useNow } from '../../run/shared/useNow'
import { tookWords } from './words'

/** The time that a step took, or takes so far. */
export function Took({ step, className }: { step: StepState; className: string }) {
  const now = useNow(step.status === 'running' || step.status === 'waiting')
  return <span className={className}>{tookWords(step, now)}</span>
}
