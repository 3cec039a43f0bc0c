import { useEffect, useState } from 'react'
import type { Medium } from '../api/schema'
import { peaksOf } from './peaks'

const PARTS = 60

/** A sound as its wave, with the browser's player under it. */
export function Sound({ medium, name }: { medium: Medium; name: string }) {
  const [peaks, setPeaks] = useState<number[] | null>(null)
  const [at, setAt] = useState(0)
  useEffect(() => {
    let isWanted = true
    void peaksOf(medium, PARTS).then((found) => {
      if (isWanted) setPeaks(found)
    })
    return () => {
      isWanted = false
    }
  }, [medium])
  return (
    <div className="player player-sound">
      <svg className="wave" viewBox={`0 0 ${PARTS * 4} 40`} preserveAspectRatio="none" aria-hidden>
        {(peaks ?? Array.from({ length: PARTS }, () => 0)).map((peak, part) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have nothing but their place.
            key={part}
            className={part / PARTS < at ? 'is-heard' : undefined}
            x={part * 4}
            y={20 - Math.max(1, 19 * peak)}
            width={2.4}
            height={Math.max(2, 38 * peak)}
            rx={1.2}
          />
        ))}
      </svg>
      {/* biome-ignore lint/a11y/useMediaCaption: what stages make has no captions. */}
      <audio
        src={medium.url}
        aria-label={name}
        preload="metadata"
        controls
        onTimeUpdate={(event) => {
          const { currentTime, duration } = event.currentTarget
          setAt(duration > 0 ? currentTime / duration : 0)
        }}
      />
    </div>
  )
}
