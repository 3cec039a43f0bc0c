import { ChevronRight, LogIn, StickyNote } from 'lucide-react'
import { memo, type ReactNode } from 'react'
import { useBadges } from '../canvas/badges'
import { type Look, lineFor, useNodeState } from '../canvas/nodeState'
import { hueOf, useRemoteSelection } from '../canvas/remoteSelections'
import { type ShownIssue, useEditor } from '../editor/store'
import type { WiringNode } from '../graph/wiring'
import { Shape } from '../parts/Shape'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { pictureOf } from '../run/pictures'
import { StageMark } from './StageMark'
import { setOpen } from './state'
import { TreeItem } from './TreeItem'
import type { Row } from './tree'
import { stageName } from './words'

interface Props {
  row: Row
  /** Its number among the stages, from 1. */
  place: number
  count: number
  /** The stages it takes from, in words. */
  from: string
  issue: ShownIssue | undefined
  isOpen: boolean
  /** Its ports, when it is open. */
  children: ReactNode
}

/** A row of the top level: the inputs, a stage, or the notes. */
export function StageRow(props: Props) {
  const node = useEditor((state) => state.wiring.nodes.get(props.row.node))
  if (props.row.type === 'stage' && node) return <Stage {...props} node={node} />
  if (props.row.type === 'inputs' && node) return <Inputs {...props} node={node} />
  return <Notes {...props} />
}

const RINGS: Partial<Record<Look, string>> = {
  running: ' is-running',
  turn: ' is-turn',
  failed: ' is-failed',
  skipped: ' is-skip',
  cancelled: ' is-skip',
}

const Stage = memo(function Stage(props: Props & { node: WiringNode }) {
  const { row, node, place, count, from, issue, isOpen, children } = props
  const state = useNodeState(node.id)
  const holder = useRemoteSelection(node.id)
  const marks = useBadges(node.id)
    .map(({ words }) => words)
    .join(', ')
  const first = node.inputs.find((socket) => socket.isFilled)
  const picture = pictureOf(state.media[0])
  const problem = issue && state.look === 'idle' ? issue.message : ''
  return (
    <TreeItem
      row={row}
      level={1}
      isOpen={isOpen}
      className={`stage-row hue-${node.kind}${RINGS[state.look] ?? (node.isBypassed ? ' is-skip' : '')}${holder ? ` is-held ${hueOf(holder)}` : ''}`}
      name={[stageName(node, place, count, from, state, issue?.message ?? ''), marks]
        .filter(Boolean)
        .join(', ')}
      below={children}
    >
      <Twisty row={row} isOpen={isOpen} />
      <span className="outline-thumb" aria-hidden>
        {picture ? (
          <img src={picture} alt="" loading="lazy" decoding="async" />
        ) : (
          <Icon name={iconOfNode(node)} />
        )}
        {state.look === 'running' && (
          <i
            className="outline-progress"
            style={{ transform: `scaleX(${state.step?.progress ?? 0})` }}
          />
        )}
      </span>
      <span className="outline-name" aria-hidden>
        <b>
          <Icon name={iconOfNode(node)} />
          <span className="clip" dir="auto">
            {node.title}
          </span>
          {holder && <em dir="auto">{holder.name}</em>}
        </b>
        <small className="clip" dir="auto">
          {marks && node.inside === 0 && <b className="outline-mark">{marks}</b>}
          {node.inside > 0 ? (
            [node.meta, marks, from && `from ${from}`].filter(Boolean).join(', ')
          ) : from ? (
            <>
              {first && <Shape kind={first.kind} />}
              from <bdi>{from}</bdi>
            </>
          ) : (
            node.meta
          )}
        </small>
      </span>
      <span
        className={`outline-line clip${problem && !issue?.isCalm ? ' is-bad' : ''}`}
        aria-hidden
      >
        {problem || lineFor(node, state)}
      </span>
      <span className="outline-state" aria-hidden>
        <StageMark state={state} issue={issue} />
      </span>
    </TreeItem>
  )
})

function Inputs({ row, node, isOpen, children }: Props & { node: WiringNode }) {
  const names = node.outputs.map((socket) => socket.title).join(', ')
  return (
    <TreeItem
      row={row}
      level={1}
      isOpen={isOpen}
      className="stage-row hue-choice"
      name={`Inputs: ${names}`}
      below={children}
    >
      <Twisty row={row} isOpen={isOpen} />
      <span className="outline-thumb" aria-hidden>
        <LogIn className="i" />
      </span>
      <span className="outline-name" aria-hidden>
        <b>
          <LogIn className="i" />
          <span className="clip">Inputs</span>
        </b>
        <small className="clip" dir="auto">
          {names}
        </small>
      </span>
      <span className="outline-line" />
      <span className="outline-state" />
    </TreeItem>
  )
}

function Notes({ row, isOpen, children }: Props) {
  const count = useEditor(({ doc }) => doc.notes.order.length + doc.frames.order.length)
  const words = count === 1 ? '1 note or frame' : `${count} notes and frames`
  return (
    <TreeItem
      row={row}
      level={1}
      isOpen={isOpen}
      className="stage-row notes-row"
      name={`Notes, ${words}`}
      onPress={() => setOpen(row.id, !isOpen)}
      below={children}
    >
      <Twisty row={row} isOpen={isOpen} />
      <span className="outline-thumb" aria-hidden>
        <StickyNote className="i" />
      </span>
      <span className="outline-name" aria-hidden>
        <b>
          <StickyNote className="i" />
          <span className="clip">Notes</span>
        </b>
        <small>{words}</small>
      </span>
      <span className="outline-line" />
      <span className="outline-state" />
    </TreeItem>
  )
}

/** Opens and shuts what is below; for pointers, as arrows do it for keys. */
function Twisty({ row, isOpen }: { row: Row; isOpen: boolean }) {
  return (
    <button
      type="button"
      className={`twisty${isOpen ? ' is-open' : ''}`}
      tabIndex={-1}
      aria-hidden
      onClick={() => setOpen(row.id, !isOpen)}
    >
      <ChevronRight className="i i-14" aria-hidden />
    </button>
  )
}
