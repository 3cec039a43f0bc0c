import { Check, CircleSlash, Clock, Hand, Play, Square, X } from 'lucide-react'
import { pictureOf } from './pictures'
import type { StepState } from './shared/stepState'

/** An item's state, as small as it gets; also in the inspector. */
export function TileFace({ item }: { item: StepState }) {
  const picture = pictureOf(item.artifacts[0])
  const Glyph = {
    pending: Clock,
    ready: Clock,
    running: Play,
    waiting: Hand,
    completed: Check,
    failed: X,
    skipped: CircleSlash,
    cancelled: Square,
  }[item.status]
  const film = item.artifacts[0]?.kind === 'video' ? item.artifacts[0] : undefined
  if (picture) return <img src={picture} alt="" decoding="async" draggable={false} />
  if (film) return <video src={film.url} preload="metadata" muted playsInline tabIndex={-1} />
  return (
    <>
      <Glyph className={item.status === 'running' ? 'i i-12 i-fill' : 'i i-12'} aria-hidden />
      {item.status === 'running' && (
        <i
          className="tile-progress"
          style={{ transform: `scaleX(${Math.max(item.progress, 0.04)})` }}
        />
      )}
    </>
  )
}
