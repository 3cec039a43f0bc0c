import { LogIn } from 'lucide-react'
import { memo } from 'react'
import type { Doc } from '../api/schema'
import { InputRow, valueIn } from '../canvas/InputsNode'
import { NodePreview } from '../canvas/NodePreview'
import { useNodeState } from '../canvas/nodeState'
import { Port } from '../canvas/Port'
import { Ports } from '../canvas/Ports'
import type { Sheet } from '../canvas/scene'
import { useEditor } from '../editor/store'
import { portAt } from '../graph/geometry'
import type { WiringNode } from '../graph/wiring'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { SIGNS, WORDS } from './ChangeList'
import type { Kind } from './entries'
import { useCompare, usedVersionOf } from './store'

/** The data from which a node of the comparison is drawn. */
export type NodeData = {
  node: WiringNode
  kind: Kind | null
  isSelected: boolean
  /** Below the title: "2 fields changed". */
  words: string
  doc: Doc
}
export type SheetData = { sheet: Sheet; kind: Kind | null; isSelected: boolean }

interface Props {
  id: string
  data: NodeData
}

const NONE: ReadonlySet<string> = new Set()

function classOf(kind: Kind | null, isSelected: boolean): string {
  const is = kind === null || kind === 'moved' ? 'same' : `is-${kind}`
  return `${is}${kind === 'moved' ? ' is-moved' : ''}${isSelected ? ' is-selected' : ''}`
}

function Flag({ kind }: { kind: Kind | null }) {
  if (kind === null) return null
  const Sign = SIGNS[kind]
  return (
    <span className={`flag is-${kind}`}>
      <Sign className="i" aria-hidden />
      {WORDS[kind]}
    </span>
  )
}

function nameFor(title: string, kind: Kind | null, words: string): string {
  if (kind === null) return `${title}, the same`
  return `${title}, ${WORDS[kind].toLowerCase()}${words && kind === 'changed' ? `, ${words}` : ''}`
}

export const ComparedStage = memo(function ComparedStage({ id, data }: Props) {
  const { node, kind, isSelected, words } = data
  // A stage of this template that is called the same has made nothing for another one.
  const isUse = useCompare(({ to }) => usedVersionOf(to) !== null)
  const state = useNodeState(isUse ? '' : id)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a node of a graph, as on the canvas.
    <div
      role="group"
      tabIndex={kind === null ? -1 : 0}
      aria-roledescription="stage"
      aria-label={nameFor(node.title, kind, words)}
      data-node-id={id}
      className={`node hue-${node.kind} ${classOf(kind, isSelected)}`}
    >
      <NodePreview
        node={node}
        state={{ ...state, look: 'idle' }}
        isHighlighted={false}
        isAwake={false}
      />
      <div className="node-head">
        <Icon name={iconOfNode(node)} />
        <div>
          <b title={node.title} dir="auto">
            {node.title}
          </b>
          <small>{words}</small>
        </div>
        <span className="node-state" />
      </div>
      <Ports node={node} bad={NONE} />
      <Flag kind={kind} />
    </div>
  )
})

export const ComparedInputs = memo(function ComparedInputs({ id, data }: Props) {
  const { node, kind, isSelected, words, doc } = data
  const media = useEditor((state) => state.media)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a node of a graph, as on the canvas.
    <div
      role="group"
      tabIndex={kind === null ? -1 : 0}
      aria-label={nameFor('Inputs', kind, words)}
      data-node-id={id}
      className={`node inputs-node ${classOf(kind, isSelected)}`}
    >
      <div className="node-head inputs-head">
        <LogIn className="i" aria-hidden />
        <div>
          <b>Inputs</b>
        </div>
      </div>
      {node.outputs.map((socket) => (
        <InputRow
          key={socket.key}
          title={socket.title}
          {...valueIn(doc.inputs, doc.values, socket.key, media)}
        />
      ))}
      {node.outputs.map((socket, at) => (
        <Port
          key={socket.key}
          node={id}
          socket={socket}
          side="out"
          at={portAt(node, 'out', at)}
          isBad={false}
        />
      ))}
      <Flag kind={kind} />
    </div>
  )
})

/** Far away: color, sign and name are all that can be read. */
export const ComparedCard = memo(function ComparedCard({ id, data }: Props) {
  const { node, kind, isSelected } = data
  return (
    <div
      data-node-id={id}
      className={`node compare-card hue-${node.kind} ${classOf(kind, isSelected)}`}
    >
      <b dir="auto">{node.title}</b>
    </div>
  )
})

export const ComparedSheet = memo(function ComparedSheet({ sheet, kind, isSelected }: SheetData) {
  const is = `${sheet.type === 'frame' ? 'frame' : 'stick'} compare-sheet ${classOf(kind, isSelected)}`
  return (
    <section className={is} aria-label={sheet.type === 'frame' ? `Frame ${sheet.text}` : 'Note'}>
      <p className="written" dir="auto">
        {sheet.text || (sheet.type === 'frame' ? 'Frame' : 'Note')}
      </p>
      <Flag kind={kind} />
    </section>
  )
})
