import { useEffect, useState } from 'react'
import type { Medium } from '../api/schema'
import { peaksOf } from '../run/peaks'

const BARS = 47
const STEP = 4.35

/** Sound as bars: how loud it is, and until that is known bars that it always has. */
export function Wave({ medium }: { medium: Medium }) {
  const [peaks, setPeaks] = useState<readonly number[] | null>(null)
  useEffect(() => {
    let isWanted = true
    void peaksOf(medium, BARS).then((found) => {
      if (isWanted) setPeaks(found)
    })
    return () => {
      isWanted = false
    }
  }, [medium])
  const bars = peaks ? peaks.map((peak) => Math.max(36 * peak, 2.4)) : heights(medium.id)
  return (
    <svg
      className="wave"
      viewBox="0 0 200 40"
      preserveAspectRatio="none"
      fill="currentColor"
      aria-hidden
    >
      {bars.map((height, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: bars have nothing but their place.
          key={at}
          x={at * STEP}
          y={20 - height / 2}
          width="2.4"
          height={height}
          rx="1.2"
        />
      ))}
    </svg>
  )
}

/** Slow waves under fast ones, as speech and music have them. */
function heights(seed: string): number[] {
  let state = 2166136261
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619)
  const next = () => {
    state = Math.imul(state ^ (state >>> 15), 2246822519)
    state ^= state >>> 13
    return (state >>> 0) / 4294967296
  }
  const phase = next() * 6
  const pace = 0.18 + next() * 0.22
  return Array.from({ length: BARS }, (_, at) => {
    const slow = 0.55 + 0.45 * Math.sin(phase + at * pace)
    return 4 + 30 * slow * (0.45 + 0.55 * next())
  })
}
