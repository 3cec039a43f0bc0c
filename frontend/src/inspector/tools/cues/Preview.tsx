import type { CSSProperties } from 'react'
import type { Cue } from './cues'

/** The style of lines, as far as it is set. sizePct: per cent of the height. */
export interface Look {
  readonly sizePct: number
  readonly color: string
  readonly outlineColor: string
  readonly position: 'bottom' | 'top' | 'center'
}

/** The line over the picture, as it is burnt in; what overlaps is shown together. */
export function Preview({ cues, time, look }: { cues: readonly Cue[]; time: number; look: Look }) {
  const visibleCues = cues.filter(
    (cue) => cue.start <= time && time < cue.end && cue.text.trim() !== '',
  )
  if (visibleCues.length === 0) return null
  const style = {
    '--size': look.sizePct,
    '--colour': look.color,
    '--edge': look.outlineColor,
  } as CSSProperties
  return (
    <div className={`cue-over is-${look.position}`} style={style}>
      <p dir="auto">{[...new Set(visibleCues.map((cue) => cue.text.trim()))].join('\n')}</p>
    </div>
  )
}
