import { TriangleAlert } from 'lucide-react'
import type { Issue } from '../api/schema'
import type { NodeState } from '../canvas/nodeState'
import { StatePill } from '../canvas/StatePill'

/** How a stage is, in one pill or glyph, in the words of the canvas. */
export function StageMark({ state, issue }: { state: NodeState; issue?: Issue | undefined }) {
  if (state.look === 'will') return <StatePill state={state} tone="" />
  if (state.look !== 'idle') return <StatePill state={state} />
  return issue ? (
    <span className={issue.severity === 'error' ? 'outline-issue' : 'outline-issue is-mild'}>
      <TriangleAlert className="i" aria-hidden />
    </span>
  ) : null
}
