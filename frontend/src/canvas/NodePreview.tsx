import { Clock, Hourglass, Timer, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import type { Medium } from '../api/schema'
import type { WiringNode } from '../graph/wiring'
import { Icon, iconOfNode } from '../parts/ToolIcon'
import { pictureOf } from '../run/pictures'
import { Blocked } from '../run/shared/Blocked'
import type { StepState } from '../run/shared/stepState'
import { useItems } from '../run/store'
import { ItemTiles } from './ItemTiles'
import { retry } from './nodeActions'
import { type NodeState, waitsFor } from './nodeState'
import { Playing } from './Playing'
import { Wave } from './Wave'

interface Props {
  node: WiringNode
  state: NodeState
  isHighlighted: boolean
  /** True if films may play here: the node is hovered or selected. */
  isAwake: boolean
}

/** The upper part of a stage: what it made, or why it has not. */
export const NodePreview = memo(function NodePreview({
  node,
  state,
  isHighlighted,
  isAwake,
}: Props) {
  const { look, step, media } = state
  const items = useItems(node.id)
  if (items.length > 0 && look !== 'idle' && look !== 'will' && look !== 'queued')
    return (
      <div className={`stage-preview preview-${node.kind} has-tiles`}>
        <ItemTiles node={node} items={items} />
        {look === 'running' && step && <Progress step={step} />}
      </div>
    )
  const asks = state.wait?.message || step?.message || ''
  if (look === 'turn' && media.length === 0)
    return (
      <div className={`stage-preview preview-${node.kind} is-asking`}>
        <p title={asks} dir="auto">
          {asks}
        </p>
      </div>
    )
  if (look === 'failed') {
    const words = step?.error?.headline ?? step?.message ?? 'Failed'
    const cause = step?.error?.cause
    return (
      <div className={`stage-preview preview-failed preview-${node.kind}`}>
        <TriangleAlert className="i" aria-hidden />
        <p title={cause ? `${words} ${cause}` : words}>{words}</p>
        <button type="button" className="btn" onClick={() => retry(node.id)}>
          Retry
        </button>
      </div>
    )
  }
  if (look === 'queued')
    return (
      <div className={`stage-preview preview-${node.kind}`}>
        <p>
          {node.kind === 'audio' || node.kind === 'choice' ? null : (
            <Hourglass className="i" aria-hidden />
          )}
          {queueWords(step) || waitsFor(node.id)}
        </p>
      </div>
    )
  const picture = media.length > 0 ? <Media node={node} media={media} isAwake={isAwake} /> : null
  const kind = picture ? (media[0]?.kind ?? node.kind) : node.kind
  const isEmpty = picture === null
  return (
    <div
      className={`stage-preview preview-${node.kind}${isEmpty ? ' empty-preview' : kind === 'audio' ? ' audio' : ''}${isHighlighted ? ' is-highlighted' : ''}`}
    >
      {picture ?? <Icon name={iconOfNode(node)} size={24} />}
      {look === 'running' && step && (
        <>
          <TimeLeft step={step} />
          <Progress step={step} />
        </>
      )}
    </div>
  )
})

/**
 * Return the reason that no worker has it yet. After an attempt the line below the title says what
 * comes next.
 */
function queueWords(step: StepState | undefined): string {
  return step?.status === 'ready' && step.attempts.length === 0 ? step.message : ''
}

function Progress({ step }: { step: StepState }) {
  return (
    <div className="node-progress">
      <i style={{ transform: `scaleX(${Math.max(step.progress, 0.01)})` }} />
    </div>
  )
}

/** "32 s left", once the pace is known. */
function TimeLeft({ step }: { step: StepState }) {
  const seconds = step.startedAt ? (Date.now() - Date.parse(step.startedAt)) / 1000 : 0
  if (step.progress < 0.08 || step.progress >= 1 || seconds < 2) return null
  const remaining = Math.ceil((seconds * (1 - step.progress)) / step.progress)
  return (
    <span className="glass preview-chip">
      <Timer className="i" aria-hidden />
      {remaining < 90 ? `${remaining} s left` : `${Math.round(remaining / 60)} min left`}
    </span>
  )
}

function Media({
  node,
  media,
  isAwake,
}: {
  node: WiringNode
  media: readonly Medium[]
  isAwake: boolean
}) {
  const first = media[0]
  if (!first) return null
  if (media.every((medium) => medium.isBlocked)) return <Blocked />
  if (first.kind === 'audio') return <Wave medium={first} />
  if (first.kind === 'video') {
    return (
      <>
        <Picture medium={first} title={node.title} />
        {isAwake && <Playing medium={first} />}
        {media.length > 1 && (
          <div className="strip">
            {media.slice(0, 4).map((medium) => (
              <span key={medium.id}>
                {pictureOf(medium) ? (
                  <Picture medium={medium} title="" />
                ) : (
                  <Clock className="i" aria-hidden />
                )}
              </span>
            ))}
          </div>
        )}
      </>
    )
  }
  if (media.length === 1) return <Picture medium={first} title={node.title} />
  const isMosaic = media.length >= 4
  const few = media.slice(0, isMosaic ? 4 : 3)
  return (
    <div className={isMosaic ? 'mosaic' : `trio of-${few.length}`}>
      {few.map((medium) => (
        <Picture key={medium.id} medium={medium} title="" />
      ))}
    </div>
  )
}

function Picture({ medium, title }: { medium: Medium; title: string }) {
  if (medium.isBlocked) return <Blocked />
  const url = pictureOf(medium)
  // A film without a poster shows its first frame.
  if (!url && medium.kind === 'video')
    return <video src={medium.url} preload="metadata" muted playsInline aria-hidden tabIndex={-1} />
  if (!url) return null
  return <img src={url} alt={title} decoding="async" draggable={false} />
}
