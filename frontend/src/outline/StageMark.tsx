import { Check, CircleSlash, Clock, Play, Recycle, Square, TriangleAlert, X } from 'lucide-react'
import { type NodeState, percent } from '../canvas/look'
import type { Issue } from '../types'

/** How a stage stands, in one pill or glyph, in the words of the canvas. */
export function StageMark({ state, issue }: { state: NodeState; issue?: Issue | undefined }) {
  switch (state.look) {
    case 'running':
      return (
        <span className="pill pill-live">
          <span className="dot" />
          {percent(state.step?.progress ?? 0)}%
        </span>
      )
    case 'turn':
      return (
        <span className="pill pill-wait">
          <span className="dot" />
          Your turn
        </span>
      )
    case 'failed':
      return (
        <span className="pill pill-bad">
          <X className="i" aria-hidden />
          Failed
        </span>
      )
    case 'reused':
      return (
        <span className="pill pill-reused">
          <Recycle className="i" aria-hidden />
          Reused
        </span>
      )
    case 'will':
      return (
        <span className="pill">
          <Play className="i i-fill" aria-hidden />
          Will run
        </span>
      )
    case 'queued':
      return (
        <span className="pill">
          <Clock className="i" aria-hidden />
          Queued
        </span>
      )
    case 'done':
      return (
        <span className="pill">
          <Check className="i" aria-hidden />
          Done
        </span>
      )
    case 'skipped':
      return (
        <span className="pill">
          <CircleSlash className="i" aria-hidden />
          Skipped
        </span>
      )
    case 'cancelled':
      return (
        <span className="pill">
          <Square className="i" aria-hidden />
          Stopped
        </span>
      )
    default:
      return issue ? (
        <span className={issue.severity === 'error' ? 'oissue' : 'oissue is-mild'}>
          <TriangleAlert className="i" aria-hidden />
        </span>
      ) : null
  }
}
