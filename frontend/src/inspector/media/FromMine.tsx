import type { MediaKind } from '../../api/schema'
import { useLibrary } from './library'
import { type Picked, pickOwn } from './picked'
import { Thumb } from './Thumb'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
}

const EMPTY = { image: 'No images yet.', video: 'No videos yet.', audio: 'No audio yet.' } as const

/** One's own uploads and the results of one's runs, newest first. */
export function FromMine({ kind, onPick }: Props) {
  const { media, hasMore, isBusy, problem, more } = useLibrary(kind)
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
                <span className="clip" dir="auto">
                  {medium.title}
                </span>
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
      {(hasMore || problem) && (
        <button type="button" className="btn btn-s" disabled={isBusy} onClick={more}>
          {problem ? 'Try again' : 'Show more'}
        </button>
      )}
    </div>
  )
}
