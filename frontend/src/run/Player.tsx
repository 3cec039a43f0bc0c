import { Expand } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { Medium } from '../api/schema'
import { ModelPlayer } from './ModelPlayer'
import { Sound } from './Sound'
import { Blocked } from './shared/Blocked'
import { Zoom } from './Zoom'

interface Props {
  medium: Medium
  /** Its name, for those who do not see it. */
  name: string
  /** More buttons of an enlarged picture. */
  beside?: ReactNode
}

/** One file to look at or listen to. */
export function Player({ medium, name, beside }: Props) {
  const [isZoomed, setZoomed] = useState(false)
  if (medium.isBlocked) return <Blocked />
  switch (medium.kind) {
    case 'image':
      return (
        <div className="player">
          <button
            type="button"
            className="player-image"
            aria-label={`Enlarge ${name}`}
            title="Enlarge"
            onClick={() => setZoomed(true)}
          >
            <img
              src={medium.url}
              alt={name}
              width={medium.width ?? 16}
              height={medium.height ?? 9}
            />
            <span className="glass" aria-hidden>
              <Expand className="i i-12" />
            </span>
          </button>
          {isZoomed && (
            <Zoom medium={medium} name={name} beside={beside} onClose={() => setZoomed(false)} />
          )}
        </div>
      )
    case 'video':
      return (
        <div className="player">
          {/* biome-ignore lint/a11y/useMediaCaption: what stages make has no captions. */}
          <video
            key={medium.id}
            src={medium.url}
            poster={medium.posterUrl ?? undefined}
            aria-label={name}
            width={medium.width ?? 16}
            height={medium.height ?? 9}
            preload="metadata"
            controls
            loop
            playsInline
          />
        </div>
      )
    case 'audio':
      return <Sound key={medium.id} medium={medium} name={name} />
    case 'model':
      return <ModelPlayer key={medium.id} medium={medium} name={name} />
  }
}
