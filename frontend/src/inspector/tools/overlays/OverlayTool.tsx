import { Film as FilmIcon, ImagePlus, Type } from 'lucide-react'
import { endGesture } from '../../../editor/actions'
import type { Source } from '../../../run/source'
import { MediaPicker } from '../../media/LatePicker'
import type { ByHandProps } from '../control'
import { FilmTool } from '../film/FilmTool'
import { LaneBar } from '../film/LaneBar'
import type { Range } from '../film/ranges'
import { type Film, useFilm } from '../film/useFilm'
import { OnSource } from '../OnSource'
import { OverlayFields } from './OverlayFields'
import { OverlayList } from './OverlayList'
import { OverlayStage } from './OverlayStage'
import { LEAST_SECONDS, nameOf, type Overlay, placeOf, timeFields, timesOf } from './overlays'
import { type OverlayActions, type Overlays, overlayActions, useOverlays } from './useOverlays'

const TITLE = 'Place overlays'

/** Text, images and videos over a video: placed by hand, timed on lanes below it. */
export function OverlayTool({ node, tool, onClose }: ByHandProps) {
  const toolProps = { node, tool, onClose }
  return (
    <OnSource {...toolProps} port="video" title={TITLE} kind="video">
      {(source) => <Editor {...toolProps} source={source} />}
    </OnSource>
  )
}

interface EditorProps extends Omit<ByHandProps, 'argument'> {
  source: Source
}

function Editor({ node, tool, source, onClose }: EditorProps) {
  const film = useFilm(source)
  const state = useOverlays(node, tool)
  const actions = overlayActions(state, film)
  const { clip } = film
  const { duration } = clip
  const { at, current, picking } = state
  const setTimes = (to: typeof from) =>
    current && (() => actions.write(at, timeFields(to(current, clip.time, duration), duration)))
  const remove = current && (() => actions.remove(at))
  const all = { film, state, actions }
  return (
    <FilmTool
      title={TITLE}
      film={film}
      about={<About source={source} isBound={state.isBound} />}
      keys={{
        T: actions.addWords,
        P: () => actions.addPicture('image'),
        C: () => actions.addPicture('clip'),
        Delete: remove,
        Backspace: remove,
        I: setTimes(from),
        O: setTimes(until),
      }}
      said={current ? words(current, clip.width, clip.height) : 'No overlays yet.'}
      onPicture={<OverlayStage {...all} />}
      buttons={<AddButtons actions={actions} />}
      lanes={<Lanes {...all} />}
      side={
        <>
          <OverlayList state={state} actions={actions} />
          {current && (
            <OverlayFields
              key={at}
              tool={tool}
              given={state.records[at] ?? null}
              overlay={current}
              pictures={state.pictures}
              place={placeOf(state.overlays, at)}
              times={timesOf(current, duration)}
              duration={duration}
              rate={clip.rate}
              onWrite={(fields, burst) => actions.write(at, fields, burst)}
              onLeave={endGesture}
              onBring={state.setPicking}
            />
          )}
          {picking && (
            <MediaPicker
              kind={picking === 'clip' ? 'video' : 'image'}
              onClose={() => state.setPicking(null)}
              onPick={(picked) => state.pick(picking, picked)}
            />
          )}
        </>
      }
      onClose={onClose}
    />
  )
}

function AddButtons({ actions }: { actions: OverlayActions }) {
  return (
    <>
      <button type="button" className="btn btn-s" onClick={actions.addWords}>
        <Type className="i i-14" aria-hidden />
        Text <kbd>T</kbd>
      </button>
      <button type="button" className="btn btn-s" onClick={() => actions.addPicture('image')}>
        <ImagePlus className="i i-14" aria-hidden />
        Image <kbd>P</kbd>
      </button>
      <button type="button" className="btn btn-s" onClick={() => actions.addPicture('clip')}>
        <FilmIcon className="i i-14" aria-hidden />
        Video <kbd>C</kbd>
      </button>
    </>
  )
}

interface LanesProps {
  film: Film
  state: Overlays
  actions: OverlayActions
}

/** From when to when each is there, one lane each. */
function Lanes({ film, state: { overlays, at, hold, setChosen }, actions }: LanesProps) {
  const { duration } = film.clip
  return (
    // biome-ignore lint/a11y/useSemanticElements: bars, not fields of a form
    <div className="film-lanes" role="group" aria-label="Overlay timing">
      {overlays.map((overlay, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: overlays have only their place
        <div className="film-lane" key={place}>
          <LaneBar
            film={film}
            name={`${nameOf(overlay)}, ${place + 1}`}
            words={nameOf(overlay)}
            isChosen={place === at}
            range={timesOf(overlay, duration)}
            least={LEAST_SECONDS}
            ends={ends(overlays, place, duration)}
            onChoose={() => setChosen(place)}
            onHold={(range) => hold(place, range && timeFields(range, duration))}
            onWrite={(range) => actions.write(place, timeFields(range, duration))}
            onNudge={(range) => actions.write(place, timeFields(range, duration), true)}
          />
        </div>
      ))}
    </div>
  )
}

function from(overlay: Overlay, time: number, duration: number): Range {
  const { end } = timesOf(overlay, duration)
  const start = Math.min(time, duration - LEAST_SECONDS)
  return { start, end: end >= start + LEAST_SECONDS ? end : duration }
}

function until(overlay: Overlay, time: number, duration: number): Range {
  const { start } = timesOf(overlay, duration)
  const end = Math.max(time, LEAST_SECONDS)
  return { start: start <= end - LEAST_SECONDS ? start : 0, end }
}

function ends(overlays: readonly Overlay[], place: number, duration: number): number[] {
  return overlays.flatMap((other, at) => {
    const { start, end } = timesOf(other, duration)
    return at === place ? [] : [start, end]
  })
}

/** Say in words where it is, for people who don't see it or want numbers. */
function words(overlay: Overlay, width: number, height: number): string {
  if (overlay.isCover && overlay.kind === 'image') return 'The image fills the frame.'
  const place = overlay.position.replace('-', ' ')
  if (overlay.xPct !== null || overlay.yPct !== null)
    return `${nameOf(overlay)}: center at ${overlay.xPct ?? 50}%, ${overlay.yPct ?? 50}% of the frame`
  const x = overlay.offsetX === null ? '' : ` ${overlay.offsetX} px from the side`
  const y =
    overlay.offsetY === null
      ? ''
      : ` ${overlay.offsetY} px from ${overlay.position.startsWith('top') ? 'the top' : 'the bottom'}`
  return `${nameOf(overlay)}: ${place}${[x, y].filter(Boolean).join(',')}, ${width} × ${height}`
}

function About({ source, isBound }: { source: Source; isBound: boolean }) {
  const of = source.from.title ? `${source.from.title}. ` : ''
  if (isBound)
    return `${of}Overlays are connected from another stage. Adding one here replaces them.`
  return (
    <>
      {of}Drag to move, drag a corner to resize.{' '}
      <span className="keys-only">Arrow keys: 1 px · Shift: 10 px · + and −: resize</span>
    </>
  )
}
