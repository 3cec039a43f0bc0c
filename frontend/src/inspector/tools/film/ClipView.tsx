import type { CSSProperties, ReactNode } from 'react'
import type { Source } from '../../../run/source'
import { toPlayhead } from './Track'
import type { Clip } from './useClip'

interface Props {
  source: Source
  clip: Clip
  /** Over the picture, in its own box. */
  children?: ReactNode
}

/** The clip's picture, as large as there is room, with what is drawn over it. */
export function ClipView({ source, clip, children }: Props) {
  const isSound = source.kind === 'audio'
  const ratio = clip.width / clip.height
  return (
    <div className={`clip-fit${isSound ? ' is-sound' : ''}`}>
      <div className="clip-stage" style={{ '--ratio': ratio } as CSSProperties}>
        <video
          ref={clip.element}
          src={source.url}
          aria-label={source.from.title || (isSound ? 'Audio' : 'Video')}
          preload="auto"
          playsInline
          onClick={(event) => {
            clip.toggle()
            toPlayhead(event.currentTarget)
          }}
          {...clip.handlers}
        />
        {children}
      </div>
      {clip.problem && (
        <p className="note note-bad" role="alert">
          {clip.problem}
        </p>
      )}
    </div>
  )
}
