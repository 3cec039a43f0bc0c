import { Film, ImagePlus, Type } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Json } from '../../../api/schema'
import { act, endGesture } from '../../../editor/actions'
import { useEditor } from '../../../editor/store'
import { MediaPicker } from '../../media/LatePicker'
import { move } from '../../Sortable'
import { argumentSlot } from '../../stage/argument'
import type { ByHandProps } from '../control'
import { ClipBar, ClipView } from '../film/ClipView'
import { onToolKey } from '../film/keys'
import { LaneBar } from '../film/LaneBar'
import type { Range } from '../film/ranges'
import { wholeSeconds } from '../film/snapping'
import { Track } from '../film/Track'
import { useClip } from '../film/useClip'
import { OnSource } from '../OnSource'
import type { Source } from '../source'
import { ToolDialog } from '../ToolDialog'
import { useFocusNext } from '../useFocusNext'
import { OverlayFields } from './OverlayFields'
import { OverlayList } from './OverlayList'
import { OverlayStage, type Shape } from './OverlayStage'
import {
  isShownAt,
  kindOf,
  LEAST_SECONDS,
  nameOf,
  newOverlay,
  type Overlay,
  placeOf,
  placingFields,
  readOverlay,
  timeFields,
  timesOf,
  withFields,
} from './overlays'
import { bringPicture, usePictures } from './pictures'

const TITLE = 'Place overlays'

/** Text, images and videos over a video: placed by hand, timed on lanes below it. */
export function OverlayTool({ node, tool, onClose }: ByHandProps) {
  const given = { node, tool, onClose }
  return (
    <OnSource {...given} port="video" title={TITLE} kind="video">
      {(source) => <Editor {...given} source={source} />}
    </OnSource>
  )
}

type Fields = Readonly<Record<string, Json | undefined>>

function Editor({
  node,
  tool,
  source,
  onClose,
}: Omit<ByHandProps, 'argument'> & { source: Source }) {
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const clip = useClip(source)
  const root = useRef<HTMLDivElement>(null)
  const focusNext = useFocusNext(root)
  const pictures = usePictures(node, tool)
  const [zoom, setZoom] = useState(1)
  const [isSnapping, setSnapping] = useState(true)
  const [picking, setPicking] = useState<'image' | 'clip' | null>(null)
  const [cuts, setCuts] = useState<readonly number[]>([])
  const [chosen, setChosen] = useState(0)
  /** Fields that a hand holds; the document hears of them when they are let go. */
  const [held, setHeld] = useState<{ at: number; fields: Fields } | null>(null)
  const slot = argumentSlot(doc, tools, node, 'overlays', 'Overlays')
  const isBound = typeof slot.value === 'string'
  const given: readonly Json[] = Array.isArray(slot.value) ? slot.value : []
  const overlays = given.map((one, at) =>
    readOverlay(held?.at === at ? withFields(one, held.fields) : one),
  )
  const at = Math.min(chosen, overlays.length - 1)
  const current = overlays[at]
  const { duration } = clip

  const writeAll = (next: readonly Json[], burst = false) =>
    slot.write(next.length > 0 ? [...next] : undefined, { burst })
  const write = (place: number, fields: Fields, burst = false) => {
    setHeld(null)
    writeAll(
      given.map((one, other) => (other === place ? withFields(one, fields) : one)),
      burst,
    )
  }
  const add = (made: Json) => {
    // It is there from where the clip is, so that it is seen at once.
    const isLate = clip.time > 0 && clip.time < duration - LEAST_SECONDS
    const times = isLate ? timeFields({ start: clip.time, end: duration }, duration) : {}
    writeAll([...given, withFields(made, times)])
    setChosen(given.length)
  }
  const addWords = () => {
    add(newOverlay('text'))
    focusNext((dialog) => dialog.querySelector<HTMLElement>('.over-fields textarea'), true)
  }
  const addPicture = (kind: 'image' | 'clip') => {
    const used = new Set(
      overlays.flatMap((one, place) => (kindOf(one) === kind ? [placeOf(overlays, place)] : [])),
    )
    const free = pictures[kind].findIndex((picture, place) => picture !== null && !used.has(place))
    if (free >= 0) add(newOverlay(kind, free))
    else setPicking(kind)
  }
  const remove = (place: number) => {
    writeAll(given.filter((_, other) => other !== place))
    setChosen(Math.max(0, Math.min(place, given.length - 2)))
  }
  const reorder = (from: number, to: number) => {
    writeAll(move(given, from, to))
    setChosen(to)
  }
  const choose = (place: number) => {
    setChosen(place)
    const overlay = overlays[place]
    if (overlay && !isShownAt(overlay, clip.time, duration))
      clip.seek(timesOf(overlay, duration).start)
  }
  const shaped = (place: number, { sizePct, ...placing }: Shape): Fields => {
    const overlay = overlays[place]
    const isText = overlay?.kind !== 'image'
    const before = isText ? overlay?.fontSizePct : overlay.widthPct
    const size = before === sizePct ? {} : { [isText ? 'fontSizePct' : 'widthPct']: sizePct }
    return { ...placingFields(placing), ...size }
  }
  const pictureOf = (overlay: Overlay) => {
    const kind = kindOf(overlay)
    if (kind === 'text') return null
    return pictures[kind][placeOf(overlays, overlays.indexOf(overlay))] ?? null
  }

  return (
    <ToolDialog
      title={TITLE}
      onKey={(event) =>
        onToolKey(event, clip, {
          T: addWords,
          P: () => addPicture('image'),
          C: () => addPicture('clip'),
          Delete: current && (() => remove(at)),
          Backspace: current && (() => remove(at)),
          I: current && (() => write(at, timeFields(from(current, clip.time, duration), duration))),
          O:
            current && (() => write(at, timeFields(until(current, clip.time, duration), duration))),
        })
      }
      about={<About source={source} isBound={isBound} />}
      onClose={onClose}
      foot={
        <>
          <p className="tool-said" role="status">
            {current ? words(current, clip.width, clip.height) : 'No overlays yet.'}
          </p>
          <button type="button" className="btn btn-ink" onClick={onClose}>
            Done
          </button>
        </>
      }
    >
      <div className="film-tool film-cols" ref={root}>
        <div className="film-main">
          <ClipView source={source} clip={clip}>
            <OverlayStage
              overlays={overlays}
              isShown={(overlay) => isShownAt(overlay, clip.time, duration)}
              chosen={at}
              frame={clip}
              isSnapping={isSnapping}
              time={clip.time}
              startOf={(overlay) => timesOf(overlay, duration).start}
              pictureOf={pictureOf}
              onChoose={setChosen}
              onHold={(place, shape) =>
                setHeld(shape && { at: place, fields: shaped(place, shape) })
              }
              onWrite={(place, shape) => write(place, shaped(place, shape))}
              onNudge={(place, shape) => write(place, shaped(place, shape), true)}
              onLeave={endGesture}
            />
          </ClipView>
          <ClipBar
            clip={clip}
            zoom={zoom}
            onZoom={setZoom}
            isSnapping={isSnapping}
            onSnapping={setSnapping}
          >
            <button type="button" className="btn btn-s" onClick={addWords}>
              <Type className="i i-14" aria-hidden />
              Text <kbd>T</kbd>
            </button>
            <button type="button" className="btn btn-s" onClick={() => addPicture('image')}>
              <ImagePlus className="i i-14" aria-hidden />
              Image <kbd>P</kbd>
            </button>
            <button type="button" className="btn btn-s" onClick={() => addPicture('clip')}>
              <Film className="i i-14" aria-hidden />
              Video <kbd>C</kbd>
            </button>
          </ClipBar>
          <Track
            source={source}
            clip={clip}
            zoom={zoom}
            cuts={cuts}
            onCuts={setCuts}
            lanes={
              duration > 0 && (
                // biome-ignore lint/a11y/useSemanticElements: bars, not fields of a form
                <div className="film-lanes" role="group" aria-label="Overlay timing">
                  {overlays.map((overlay, place) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: overlays have only their place
                    <div className="film-lane" key={place}>
                      <LaneBar
                        name={`${nameOf(overlay)}, ${place + 1}`}
                        words={nameOf(overlay)}
                        isChosen={place === at}
                        range={timesOf(overlay, duration)}
                        bounds={{
                          duration,
                          least: LEAST_SECONDS,
                          most: Number.POSITIVE_INFINITY,
                        }}
                        rate={clip.rate}
                        targets={
                          isSnapping
                            ? [
                                ...wholeSeconds(duration),
                                ...cuts,
                                clip.time,
                                ...ends(overlays, place, duration),
                              ]
                            : []
                        }
                        onChoose={() => setChosen(place)}
                        onHold={(range) =>
                          setHeld(range && { at: place, fields: timeFields(range, duration) })
                        }
                        onLook={clip.seek}
                        onWrite={(range) => write(place, timeFields(range, duration))}
                        onNudge={(range) => write(place, timeFields(range, duration), true)}
                        onLeave={endGesture}
                      />
                    </div>
                  ))}
                </div>
              )
            }
          />
        </div>
        <div className="film-side">
          <OverlayList
            overlays={overlays}
            chosen={at}
            isBound={isBound}
            onChoose={choose}
            onMove={reorder}
            onRemove={remove}
            onAddWords={addWords}
            onAddPicture={addPicture}
          />
          {current && (
            <OverlayFields
              key={at}
              tool={tool}
              given={given[at] ?? null}
              overlay={current}
              pictures={pictures}
              place={placeOf(overlays, at)}
              times={timesOf(current, duration)}
              duration={duration}
              rate={clip.rate}
              onWrite={(fields, burst) => write(at, fields, burst)}
              onLeave={endGesture}
              onBring={setPicking}
            />
          )}
        </div>
      </div>
      {picking && (
        <MediaPicker
          kind={picking === 'clip' ? 'video' : 'image'}
          onClose={() => setPicking(null)}
          onPick={(picked) => {
            setPicking(null)
            act(bringPicture(node, tool, picking, picked, pictures[picking].length))
            setChosen(given.length)
          }}
        />
      )}
    </ToolDialog>
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

/** Where it is, for who does not see it and for who wants to know. */
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
