import { CircleDashed, Hand, type LucideIcon, RedoDot, Split, TriangleAlert } from 'lucide-react'
import { memo, useMemo } from 'react'
import { CommentBadge } from '../comments/CommentBadge'
import { isGroupNotice } from '../editor/notices'
import { type ShownIssue, useEditor } from '../editor/store'
import type { Mark as MarkOf } from '../graph/flow'
import { UNAVAILABLE } from '../graph/nodes'
import type { WiringNode } from '../graph/wiring'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { useIsHighlighted } from '../run/store'
import { askWords } from '../run/words'
import { useBadges } from './badges'
import { stop } from './keys'
import { NodePreview } from './NodePreview'
import { choose } from './nodeActions'
import { type Look, lineFor, type NodeState, nameFor, useNodeState } from './nodeState'
import { Ports } from './Ports'
import { hueOf, useRemoteSelection } from './remoteSelections'
import { StateGlyph, StatePill } from './StatePill'
import { useCanvas } from './state'

const RINGS: Readonly<Record<Look, string>> = {
  idle: '',
  queued: ' is-queued',
  running: ' is-running',
  done: ' is-done',
  reused: ' is-reused',
  turn: ' is-waiting',
  failed: ' is-failed',
  skipped: ' is-skip',
  cancelled: ' is-skip',
  will: ' will-run',
}
const MARKS: Readonly<Record<MarkOf['type'], LucideIcon>> = {
  bypass: RedoDot,
  condition: Split,
  checkpoint: Hand,
}
const NO_ISSUES: readonly ShownIssue[] = []

/** A stage, near. */
export const StageNode = memo(function StageNode({ id }: { id: string }) {
  const node = useEditor((state) => state.wiring.nodes.get(id))
  return node ? <Stage node={node} /> : null
})

function Stage({ node }: { node: WiringNode }) {
  const { id } = node
  const state = useNodeState(id)
  const isHighlighted = useIsHighlighted(id)
  const isSelected = useEditor((editor) => editor.selection.has(id))
  const isMoving = useCanvas((canvas) => canvas.moving?.has(id) ?? false)
  const isHovered = useCanvas((canvas) => canvas.hoveredNode === id)
  const order = useEditor((editor) => editor.doc.stages.order)
  const all = useEditor((editor) => editor.issues)
  const isCalm = useEditor((editor) => editor.calm.has(id))
  const holder = useRemoteSelection(id)
  const marks = useBadges(id)
  const issues = useMemo(() => {
    const own = all.filter((issue) => issue.stageId === id && !isGroupNotice(issue))
    return own.length > 0 ? own : NO_ISSUES
  }, [all, id])
  const bad = useMemo(
    () =>
      new Set(
        issues.flatMap(({ severity, argument }) =>
          severity === 'error' && argument ? [argument] : [],
        ),
      ),
    [issues],
  )
  const names = [nameFor(node.title, order.indexOf(id) + 1, order.length, state)]
  const name = [...names, ...marks.map(({ words }) => words)].join(', ')
  const isBare = state.step?.artifacts.length === 0
  const worst = issues.find((issue) => issue.severity === 'error') ?? issues[0]
  const isSaid = worst && state.look === 'idle' && node.meta !== UNAVAILABLE
  const line = isSaid ? worst.message : lineFor(node, state)
  return (
    <div
      className={`node hue-${node.kind}${RINGS[state.look]}${node.isBypassed ? ' is-skip is-bypassed' : ''}${isBare ? ' is-bare' : ''}${node.inside > 0 ? ' has-inside' : ''}${isSelected ? ' is-selected' : ''}${isMoving ? ' is-dragged' : ''}${holder ? ` is-held ${hueOf(holder)}` : ''}`}
      {...stop(id, worst ? `${name}, ${worst.message}` : name, 'stage')}
    >
      <NodePreview
        node={node}
        state={state}
        isHighlighted={isHighlighted}
        isAwake={isHovered || isSelected}
      />
      <div className="node-head">
        <Icon name={iconOfNode(node)} />
        <div>
          <b title={node.title} dir="auto">
            {node.title}
          </b>
          <small title={line}>{line}</small>
        </div>
        <span className="node-state">
          <Mark state={state} issue={worst} />
        </span>
      </div>
      <Ports node={node} bad={bad} isCalm={isCalm} />
      {state.look === 'turn' && !state.step?.asks && (
        <button type="button" className="btn btn-wait do" onClick={() => choose(id)}>
          {askWords(state.wait)}
        </button>
      )}
      {marks.length > 0 && (
        <p className="marks">
          {marks.map(({ type: is, words }) => {
            const Sign = MARKS[is]
            return (
              <span key={is} className={`node-mark is-${is}`} title={words}>
                <Sign className="i" aria-hidden />
                <span className="clip">{words}</span>
              </span>
            )
          })}
        </p>
      )}
      {holder && <span className="held">{holder.name}</span>}
      <CommentBadge stage={id} title={node.title} />
    </div>
  )
}

/** State in one glyph or word, at the right of the head. */
function Mark({ state, issue }: { state: NodeState; issue: ShownIssue | undefined }) {
  switch (state.look) {
    case 'running':
    case 'turn':
    case 'failed':
      return <StatePill state={state} />
    case 'reused':
    case 'will':
      return <StatePill state={state} title={state.quote?.why} />
    case 'idle':
      return issue ? (
        <span
          className={`issue${issue.isCalm ? ' is-calm' : issue.severity === 'error' ? '' : ' is-mild'}`}
          title={issue.message}
        >
          {issue.isCalm ? (
            <CircleDashed className="i" aria-hidden />
          ) : (
            <TriangleAlert className="i" aria-hidden />
          )}
        </span>
      ) : null
    default:
      return <StateGlyph state={state} />
  }
}
