import { useEffect, useRef, useState } from 'react'
import type { LibraryMedium, MediaKind } from '../../api/schema'
import { Api } from '../../document/api'
import { type Picked, pickOwn } from './picked'
import { Thumb } from './Thumb'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
}

const api = new Api()

const EMPTY = { image: 'No images yet.', video: 'No videos yet.', audio: 'No audio yet.' } as const

/** One's own uploads and the results of one's runs, newest first. */
export function FromMine({ kind, onPick }: Props) {
  const [media, setMedia] = useState<readonly LibraryMedium[] | null>(null)
  const [next, setNext] = useState<string | null>(null)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const isGone = useRef(false)

  const read = async (before: string | null) => {
    setBusy(true)
    setProblem('')
    try {
      const page = await api.media({ kind, before })
      if (isGone.current) return
      setMedia((known) => [...(before === null ? [] : (known ?? [])), ...page.media])
      setNext(page.next)
    } catch (failure) {
      if (!isGone.current) setProblem(failure instanceof Error ? failure.message : String(failure))
    } finally {
      if (!isGone.current) setBusy(false)
    }
  }
  const first = useRef(read)
  useEffect(() => {
    isGone.current = false
    void first.current(null)
    return () => {
      isGone.current = true
    }
  }, [])

  return (
    <div className="mine" aria-busy={isBusy}>
      {media === null && !problem && <p className="help">Loading…</p>}
      {media?.length === 0 && (
        <p className="help">{EMPTY[kind]} Your uploads and the results of your runs appear here.</p>
      )}
      {media && media.length > 0 && (
        <ul className="thumbs">
          {media.map((medium) => (
            <li key={medium.reference}>
              <button type="button" title={medium.title} onClick={() => onPick(pickOwn(medium))}>
                <Thumb url={medium.url} kind={medium.kind} />
                <span className="clip">{medium.title}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <p className="help help-bad" role="alert">
          {problem}
        </p>
      )}
      {(next !== null || problem) && (
        <button
          type="button"
          className="btn btn-s"
          disabled={isBusy}
          onClick={() => void read(problem && media === null ? null : next)}
        >
          {problem ? 'Try again' : 'Show more'}
        </button>
      )}
    </div>
  )
}
