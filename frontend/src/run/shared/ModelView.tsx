import { useEffect, useRef, useState } from 'react'
import type { Medium } from '../../api/schema'
import { NO_VIEWER } from '../../model/words'

interface Props {
  medium: Pick<Medium, 'id' | 'url' | 'posterUrl'>
  name: string
}

/** A 3D model to turn: its picture, until the graphics library comes. */
export function ModelView({ medium, name }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const [isPictured, setPictured] = useState(true)
  const [isMissing, setMissing] = useState(false)
  const { id, url, posterUrl } = medium
  useEffect(() => {
    let isGone = false
    let end = () => {}
    import('../../model/viewer').then(
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
    <div className="model-view" data-artifact={id} ref={host}>
      {posterUrl && isPictured && (
        <img src={posterUrl} alt={`${name}, a 3D model`} onError={() => setPictured(false)} />
      )}
      {isMissing && (
        <p className="model-note" role="status">
          {NO_VIEWER}
        </p>
      )}
    </div>
  )
}
