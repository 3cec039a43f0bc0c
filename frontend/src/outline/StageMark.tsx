import { CircleDashed, TriangleAlert } from 'lucide-react'
import type { NodeState } from '../canvas/nodeState'
import { StatePill } from '../canvas/StatePill'
import type { ShownIssue } from '../editor/store'

/** A stage's state in one pill or glyph, in the words of the canvas. */
export function StageMark({ state, issue }: { state: NodeState; issue?: ShownIssue | undefined }) {
  if (state.look === 'will') return <StatePill state={state} tone="" />
  if (state.look !== 'idle') return <StatePill state={state} />
  if (issue?.isCalm)
    return (
      <span className="outline-issue is-calm">
        <CircleDashed className="i" aria-hidden />
      </span>
    )
  return issue ? (
    <span className={issue.severity === 'error' ? 'outline-issue' : 'outline-issue is-mild'}>
      <TriangleAlert className="i" aria-hidden />
    </span>
  ) : null
}
