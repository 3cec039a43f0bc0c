import { memo, useEffect, useState } from 'react'
import { peaksOf } from '../../../run/peaks'

const PARTS = 240

/** The loudness of a clip along its length; nothing where it has no sound. */
export const Wave = memo(function Wave({ url, duration }: { url: string; duration: number }) {
  const [peaks, setPeaks] = useState<readonly number[] | null>(null)
  useEffect(() => {
    let isWanted = true
    const id = new URL(url, location.href).pathname
    void peaksOf({ id, url, duration }, PARTS).then((found) => {
      if (isWanted) setPeaks(found?.some((peak) => peak > 0) ? found : null)
    })
    return () => {
      isWanted = false
    }
  }, [url, duration])
  if (!peaks) return null
  return (
    <svg
      className="film-wave"
      viewBox={`0 0 ${PARTS} 40`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path
        d={peaks
          .map((peak, at) => {
            const high = Math.max(0.6, 19 * peak)
            return `M${at + 0.15} ${20 - high}h.7v${2 * high}h-.7z`
          })
          .join('')}
      />
    </svg>
  )
})
