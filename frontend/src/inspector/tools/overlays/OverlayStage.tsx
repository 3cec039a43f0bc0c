import { useRef, useState } from 'react'
import { endGesture } from '../../../editor/actions'
import type { Film } from '../film/useFilm'
import { OverlayBox } from './OverlayBox'
import { isShownAt, nameOf, type Overlay, timesOf } from './overlays'
import { type Box, boxOf, type Frame, SAFE } from './placing'
import {
  type Lines,
  nudgeByKey,
  pullCorner,
  pullWhole,
  type Shaping,
  shapeWriting,
} from './shaping'
import type { OverlayActions, Overlays } from './useOverlays'

interface Props {
  film: Film
  state: Overlays
  actions: OverlayActions
}

/** The frame with everything that lies over it, each to be moved and made larger. */
export function OverlayStage({ film, state, actions }: Props) {
  const { overlays, at: chosen } = state
  const { clip: frame } = film
  const stage = useRef<HTMLDivElement>(null)
  const [lines, setLines] = useState<Lines | null>(null)
  const boxes = useRef(new Map<number, Frame>())
  const isShown = (overlay: Overlay) => isShownAt(overlay, frame.time, frame.duration)
  const boxAt = (at: number): Box => {
    const overlay = overlays[at]
    const size = boxes.current.get(at) ?? { width: 0, height: 0 }
    return overlay ? boxOf(overlay, size, frame) : { x: 0, y: 0, width: 0, height: 0 }
  }
  const shaping = (overlay: Overlay, at: number): Shaping => ({
    overlay,
    frame,
    from: boxAt(at),
    per: frame.width / (stage.current?.clientWidth ?? frame.width),
    others: overlays.flatMap((other, place) =>
      place !== at && isShown(other) && boxes.current.has(place) ? [boxAt(place)] : [],
    ),
    isSnapping: film.isSnapping,
    onLines: setLines,
    ...shapeWriting(overlay, at, state, actions),
  })
  return (
    <div className="over-stage" ref={stage}>
      <i className="over-safe" style={{ inset: `${SAFE * 100}%` }} aria-hidden="true" />
      {overlays.map((overlay, at) =>
        isShown(overlay) || at === chosen ? (
          <OverlayBox
            // biome-ignore lint/suspicious/noArrayIndexKey: overlays have only their place
            key={at}
            overlay={overlay}
            frame={frame}
            picture={state.pictureOf(overlay)}
            time={Math.max(0, frame.time - timesOf(overlay, frame.duration).start)}
            isChosen={at === chosen}
            isAway={!isShown(overlay)}
            name={`${nameOf(overlay)}, ${at + 1} of ${overlays.length}`}
            onMeasure={(size) => boxes.current.set(at, size)}
            onMove={(event) => {
              state.setChosen(at)
              pullWhole(event, shaping(overlay, at))
            }}
            onSize={(corner) => (event) => pullCorner(event, corner, shaping(overlay, at))}
            onKeyDown={(event) => nudgeByKey(event, shaping(overlay, at))}
            onFocus={() => state.setChosen(at)}
            onBlur={endGesture}
          />
        ) : null,
      )}
      {lines && lines.x !== null && (
        <i className="over-line is-x" style={{ left: `${(lines.x / frame.width) * 100}%` }} />
      )}
      {lines && lines.y !== null && (
        <i className="over-line is-y" style={{ top: `${(lines.y / frame.height) * 100}%` }} />
      )}
    </div>
  )
}
