const BARS = 47
const STEP = 4.35

/** Sound as bars. seed: text that the same sound always has; it looks the same each time. */
export function Wave({ seed }: { seed: string }) {
  return (
    <svg
      className="wave"
      viewBox="0 0 200 40"
      preserveAspectRatio="none"
      fill="currentColor"
      aria-hidden
    >
      {heights(seed).map((height, at) => (
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
