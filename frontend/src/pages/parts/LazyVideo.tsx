import { useEffect, useRef } from 'react'

/** The first frame of a video. It is fetched once it is in view: there may be hundreds. */
export function LazyVideo({ url }: { url: string }) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (!element) return
    watcher.observe(element)
    return () => watcher.unobserve(element)
  }, [])
  return (
    <video
      ref={video}
      src={url}
      muted
      playsInline
      preload="none"
      tabIndex={-1}
      aria-hidden="true"
      data-lazy=""
    />
  )
}

const watcher = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) {
    if (!isIntersecting || !(target instanceof HTMLVideoElement)) continue
    target.preload = 'metadata'
    watcher.unobserve(target)
  }
})
