import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { drag } from '../film/drag'
import { pull } from '../film/snapping'
import { clamp } from '../film/time'
import { FONT, nameOf, type Overlay, WIDTH } from './overlays'
import type { Picture } from './pictures'
import {
  type Box,
  boxOf,
  CORNERS,
  type Corner,
  columnOf,
  edgesOf,
  type Frame,
  grown,
  growth,
  guidesOf,
  moved,
  type Placing,
  placingOf,
  rowOf,
  SAFE,
} from './placing'

/** What a gesture makes of an overlay: where it is and how large it is. */
export interface Shape extends Placing {
  readonly sizePct: number
}

interface Props {
  overlays: readonly Overlay[]
  /** Which of them are there at the playhead. */
  isShown: (overlay: Overlay) => boolean
  chosen: number
  frame: Frame
  isSnapping: boolean
  time: number
  startOf: (overlay: Overlay) => number
  pictureOf: (overlay: Overlay) => Picture | null
  onChoose: (at: number) => void
  onHold: (at: number, shape: Shape | null) => void
  onWrite: (at: number, shape: Shape) => void
  onNudge: (at: number, shape: Shape) => void
  onLeave: () => void
}

/** CSS pixels within which a box is drawn to a line. */
const REACH = 7
const STEP = 1
const STRIDE = 10

/** The frame with everything that lies over it, each to be moved and made larger. */
export function OverlayStage(props: Props) {
  const { overlays, chosen, frame, isSnapping } = props
  const stage = useRef<HTMLDivElement>(null)
  const [lines, setLines] = useState<{ x: number | null; y: number | null } | null>(null)
  const boxes = useRef(new Map<number, Frame>())

  const scale = () => (stage.current?.clientWidth ?? frame.width) / frame.width
  const boxAt = (at: number): Box => {
    const overlay = overlays[at]
    const size = boxes.current.get(at) ?? { width: 0, height: 0 }
    return overlay ? boxOf(overlay, size, frame) : { x: 0, y: 0, width: 0, height: 0 }
  }
  const sizeOf = (overlay: Overlay) =>
    overlay.kind === 'text' ? overlay.fontSizePct : overlay.widthPct
  const shapeOf = (overlay: Overlay, box: Box): Shape => ({
    ...placingOf(box, frame),
    sizePct: sizeOf(overlay),
  })
  const others = (at: number) =>
    overlays.flatMap((other, place) =>
      place !== at && props.isShown(other) && boxes.current.has(place) ? [boxAt(place)] : [],
    )

  const startMove = (at: number) => (event: PointerEvent<HTMLElement>) => {
    props.onChoose(at)
    const overlay = overlays[at]
    if (!overlay || overlay.isCover) return
    event.stopPropagation()
    const from = boxAt(at)
    const per = 1 / scale()
    const guides = guidesOf(frame, others(at))
    let shape: Shape | null = null
    drag(event, {
      onMove: ({ x, y, isFree }) => {
        let box = moved(from, { x: x * per, y: y * per }, frame)
        if (isSnapping && !isFree) {
          const toX = pull(edgesOf(box.x, box.width), guides.x, REACH * per)
          const toY = pull(edgesOf(box.y, box.height), guides.y, REACH * per)
          box = moved(box, { x: toX.by, y: toY.by }, frame)
          setLines({ x: toX.target, y: toY.target })
        } else setLines(null)
        shape = shapeOf(overlay, box)
        props.onHold(at, shape)
      },
      onEnd: () => {
        setLines(null)
        if (shape) props.onWrite(at, shape)
        else props.onHold(at, null)
      },
    })
  }
  const startSize = (at: number, corner: Corner) => (event: PointerEvent<HTMLElement>) => {
    event.stopPropagation()
    const overlay = overlays[at]
    if (!overlay) return
    const from = boxAt(at)
    const per = 1 / scale()
    const grip = {
      x: corner.endsWith('left') ? from.x : from.x + from.width,
      y: corner.startsWith('top') ? from.y : from.y + from.height,
    }
    const limits = overlay.kind === 'text' ? FONT : WIDTH
    const size = sizeOf(overlay)
    let shape: Shape | null = null
    drag(event, {
      onMove: ({ x, y }) => {
        const times = growth(from, corner, { x: grip.x + x * per, y: grip.y + y * per })
        const sizePct = clamp(Math.round(size * times * 10) / 10, limits.least, limits.most)
        const box = grown(from, corner, sizePct / size)
        shape = { ...placingOf(moved(box, { x: 0, y: 0 }, frame), frame), sizePct }
        props.onHold(at, shape)
      },
      onEnd: () => {
        if (shape) props.onWrite(at, shape)
        else props.onHold(at, null)
      },
    })
  }
  const onKeyDown = (at: number) => (event: KeyboardEvent) => {
    const overlay = overlays[at]
    if (!overlay || overlay.isCover || event.ctrlKey || event.metaKey || event.altKey) return
    const by = event.shiftKey ? STRIDE : STEP
    const [x, y] = {
      ArrowLeft: [-by, 0],
      ArrowRight: [by, 0],
      ArrowUp: [0, -by],
      ArrowDown: [0, by],
    }[event.key] ?? [0, 0]
    const larger = event.key === '+' || event.key === '=' ? 1 : event.key === '-' ? -1 : 0
    if (x === 0 && y === 0 && larger === 0) return
    event.preventDefault()
    event.stopPropagation()
    const from = boxAt(at)
    if (larger === 0) {
      props.onNudge(at, shapeOf(overlay, moved(from, { x: x ?? 0, y: y ?? 0 }, frame)))
      return
    }
    const limits = overlay.kind === 'text' ? FONT : WIDTH
    const sizePct = clamp(sizeOf(overlay) + larger / 2, limits.least, limits.most)
    props.onNudge(at, { ...placing(overlay), sizePct })
  }
  return (
    <div className="over-stage" ref={stage}>
      <i className="over-safe" style={{ inset: `${SAFE * 100}%` }} aria-hidden="true" />
      {overlays.map((overlay, at) =>
        props.isShown(overlay) || at === chosen ? (
          <OverlayBox
            // biome-ignore lint/suspicious/noArrayIndexKey: overlays have only their place
            key={at}
            overlay={overlay}
            frame={frame}
            picture={props.pictureOf(overlay)}
            time={Math.max(0, props.time - props.startOf(overlay))}
            isChosen={at === chosen}
            isAway={!props.isShown(overlay)}
            name={`${nameOf(overlay)}, ${at + 1} of ${overlays.length}`}
            onMeasure={(size) => boxes.current.set(at, size)}
            onMove={startMove(at)}
            onSize={(corner) => startSize(at, corner)}
            onKeyDown={onKeyDown(at)}
            onFocus={() => props.onChoose(at)}
            onBlur={props.onLeave}
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

function placing({ position, offsetX, offsetY, xPct, yPct }: Overlay): Placing {
  return { position, offsetX, offsetY, xPct, yPct }
}

interface BoxProps {
  overlay: Overlay
  frame: Frame
  picture: Picture | null
  /** Of a clip: where it is. */
  time: number
  isChosen: boolean
  isAway: boolean
  name: string
  onMeasure: (size: Frame) => void
  onMove: (event: PointerEvent<HTMLElement>) => void
  onSize: (corner: Corner) => (event: PointerEvent<HTMLElement>) => void
  onKeyDown: (event: KeyboardEvent) => void
  onFocus: () => void
  onBlur: () => void
}

/** One overlay as it will look. Its size is measured: words are as wide as they are. */
function OverlayBox(props: BoxProps) {
  const { overlay, frame, picture, isChosen, onMeasure } = props
  const element = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState<Frame>({ width: 0, height: 0 })
  /** Width by height of its picture. */
  const [own, setOwn] = useState(1)
  const measured = useRef(onMeasure)
  measured.current = onMeasure
  useLayoutEffect(() => {
    const box = element.current
    const stage = box?.parentElement
    if (!box || !stage) return
    const measure = () => {
      const per = frame.width / (stage.clientWidth || frame.width)
      const found = { width: box.offsetWidth * per, height: box.offsetHeight * per }
      measured.current(found)
      setSize((known) =>
        Math.abs(known.width - found.width) + Math.abs(known.height - found.height) > 0.01
          ? found
          : known,
      )
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    observer.observe(stage)
    return () => observer.disconnect()
  }, [frame.width])

  const { x, y } = overlay.isCover ? { x: 0, y: 0 } : boxOf(overlay, size, frame)
  const style = {
    left: `${(x / frame.width) * 100}%`,
    top: `${(y / frame.height) * 100}%`,
    opacity: overlay.kind === 'image' ? overlay.opacity : undefined,
    '--size': overlay.fontSizePct,
    '--colour': overlay.color,
    '--edge': overlay.outlineColor,
    '--plate': overlay.backgroundColor ?? 'transparent',
    '--line': overlay.borderColor ?? 'transparent',
    '--wide': `${overlay.widthPct}cqw`,
    '--own': own,
  } as CSSProperties
  const look = [
    'over-box',
    `is-${overlay.kind}`,
    `at-${columnOf(overlay.position)}`,
    `at-${rowOf(overlay.position)}`,
    isChosen && 'is-chosen',
    props.isAway && 'is-away',
    overlay.isCover && 'is-cover',
    overlay.isBold && 'is-bold',
    overlay.backgroundColor && 'has-plate',
    overlay.shape !== 'none' && `is-${overlay.shape}`,
    overlay.borderColor && 'has-border',
    overlay.hasShadow && 'has-shadow',
  ]
  return (
    // biome-ignore lint/a11y/useSemanticElements: a thing that is moved, with handles inside
    <div
      ref={element}
      className={look.filter(Boolean).join(' ')}
      style={style}
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move it
      tabIndex={0}
      aria-label={props.name}
      aria-roledescription="overlay"
      aria-current={isChosen || undefined}
      onPointerDown={props.onMove}
      onKeyDown={props.onKeyDown}
      onFocus={props.onFocus}
      onBlur={props.onBlur}
    >
      {overlay.kind === 'text' ? (
        <span className="over-words">{overlay.text || ' '}</span>
      ) : picture ? (
        picture.isClip ? (
          <Moving url={picture.url} time={props.time} onRatio={setOwn} />
        ) : (
          <img
            src={picture.url}
            alt=""
            draggable={false}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setOwn(naturalWidth / (naturalHeight || 1))
            }
          />
        )
      ) : (
        <span className="over-missing">{nameOf(overlay)}</span>
      )}
      {isChosen &&
        !overlay.isCover &&
        CORNERS.map((corner) => (
          <i
            key={corner}
            className={`over-grip is-${corner}`}
            aria-hidden="true"
            onPointerDown={props.onSize(corner)}
          />
        ))}
    </div>
  )
}

/** A clip that lies over another, at the same moment of its own. */
function Moving(props: { url: string; time: number; onRatio: (ratio: number) => void }) {
  const { url, time, onRatio } = props
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const element = video.current
    if (element && !element.seeking) element.currentTime = time
  }, [time])
  return (
    <video
      ref={video}
      src={url}
      muted
      playsInline
      preload="auto"
      tabIndex={-1}
      onLoadedMetadata={({ currentTarget: { videoWidth, videoHeight } }) =>
        onRatio(videoWidth / (videoHeight || 1))
      }
    />
  )
}
