import { Info, TriangleAlert } from 'lucide-react'
import type { Issue } from '../api/schema'
import { goTo } from '../editor/inspected'
import { useEditor } from '../editor/store'
import { titleOf } from '../graph/wiring'
import { FixButtons } from './form/Field'

/** The draft's problems. Choosing one goes to its field. */
export function IssueList({ issues, isHere }: { issues: readonly Issue[]; isHere?: boolean }) {
  const wiring = useEditor((state) => state.wiring)
  return (
    <ul className="issues">
      {issues.map((issue) => {
        const Icon = issue.severity === 'error' ? TriangleAlert : Info
        const title = isHere || issue.stageId === null ? '' : titleOf(wiring, issue.stageId)
        // Most sentences name their stage.
        const where = issue.message.includes(title) ? '' : title
        return (
          <li
            key={`${issue.code} ${issue.path} ${issue.argument ?? ''} ${issue.message}`}
            className={`note${issue.severity === 'error' ? ' note-bad' : ''}`}
          >
            <Icon className="i" aria-hidden />
            <div className="grow">
              <button type="button" className="issue" onClick={() => goTo(issue)}>
                {where && <strong>{where}. </strong>}
                {issue.message}
              </button>
              <FixButtons issues={[issue]} />
            </div>
          </li>
        )
      })}
    </ul>
  )
}
