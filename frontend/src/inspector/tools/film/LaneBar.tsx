import type { PointerEvent } from 'react'
import { lengthOf } from './ranges'
import { type Spanning, spanPart } from './spanning'
import type { Film } from './useFilm'

interface Props extends Pick<Spanning, 'name' | 'range' | 'onHold' | 'onWrite' | 'onNudge'> {
  film: Film
  /** The shortest it may be, in seconds. */
  least: number
  /** The times, in seconds, of other bars' ends, at which its own come to rest. */
  ends: readonly number[]
  /** Written on it. */
  words: string
  isChosen: boolean
  /** Something about it is doubtful. */
  isMarked?: boolean
  onChoose: () => void
}

/** A bar on a lane below a clip: from when to when something is there. */
export function LaneBar(props: Props) {
  const { film, least, ends, words, isChosen, isMarked = false, onChoose, ...given } = props
  const { duration } = film.clip
  const bounds = { duration, least, most: Number.POSITIVE_INFINITY }
  const spanning = { ...given, ...film.spanning(ends), bounds }
  const { range } = spanning
  const share = (time: number) => `${(time / duration) * 100}%`
  const place = { left: share(range.start), width: share(lengthOf(range)) }
  const both = spanPart(spanning, 'both')
  const look = `lane-bar${isChosen ? ' is-chosen' : ''}${isMarked ? ' is-marked' : ''}`
  return (
    <div className={look} style={place}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: spanPart makes it a slider */}
      <div
        className="lane-in"
        {...both}
        onFocus={onChoose}
        onPointerDown={(event: PointerEvent<HTMLElement>) => {
          onChoose()
          both.onPointerDown(event)
        }}
      >
        <span className="clip">{words}</span>
      </div>
      {isChosen && (
        <>
          <div className="lane-end lane-start" {...spanPart(spanning, 'start')} />
          <div className="lane-end lane-stop" {...spanPart(spanning, 'end')} />
        </>
      )}
    </div>
  )
}
