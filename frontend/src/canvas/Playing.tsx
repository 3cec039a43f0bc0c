import { useEffect, useRef, useState } from 'react'
import type { Medium } from '../api/schema'

const MOST = 2
const DELAY_MS = 200
let playing = 0

/** A film over its own poster: muted, never more than two at once, none under reduced motion. */
export function Playing({ medium }: { medium: Medium }) {
  const [isOn, setOn] = useState(false)
  const element = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
    let isCounted = false
    const timer = setTimeout(() => {
      if (playing >= MOST) return
      playing += 1
      isCounted = true
      setOn(true)
    }, DELAY_MS)
    return () => {
      clearTimeout(timer)
      if (isCounted) playing -= 1
    }
  }, [])
  useEffect(() => {
    // A browser that refuses to play leaves the poster.
    if (isOn) element.current?.play().catch(() => undefined)
  }, [isOn])
  if (!isOn) return null
  return <video ref={element} src={medium.url} muted loop playsInline aria-hidden tabIndex={-1} />
}
