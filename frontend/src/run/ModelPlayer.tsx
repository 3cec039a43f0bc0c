import { useEffect, useRef, useState } from 'react'
import type { Medium } from '../api/schema'
import { NO_VIEWER } from '../model/words'

/** A 3D model to turn. The graphics library comes when one is opened, never before. */
export function ModelPlayer({ medium, name }: { medium: Medium; name: string }) {
  const host = useRef<HTMLDivElement>(null)
  const [isPictured, setPictured] = useState(true)
  const [isMissing, setMissing] = useState(false)
  const { url, posterUrl } = medium
  useEffect(() => {
    let isGone = false
    let end = () => {}
    import('../model/viewer').then(
      ({ show }) => {
        if (!isGone && host.current) end = show(host.current, { url, name })
      },
      () => setMissing(!isGone),
    )
    return () => {
      isGone = true
      end()
    }
  }, [url, name])
  return (
    <div className="player">
      <div className="model-view" ref={host}>
        {posterUrl && isPictured && (
          <img src={posterUrl} alt={`${name}, a 3D model`} onError={() => setPictured(false)} />
        )}
        {isMissing && (
          <p className="model-note" role="status">
            {NO_VIEWER}
          </p>
        )}
      </div>
    </div>
  )
}
