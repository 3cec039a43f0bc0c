import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { nameOf, type Overlay } from './overlays'
import type { Picture } from './pictures'
import { boxOf, CORNERS, type Corner, columnOf, type Frame, rowOf } from './placing'

interface BoxProps {
  overlay: Overlay
  frame: Frame
  picture: Picture | null
  /** The time in a clip. */
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
export function OverlayBox(props: BoxProps) {
  const { overlay, frame, picture, isChosen } = props
  const element = useRef<HTMLDivElement>(null)
  const size = useMeasured(element, frame, props.onMeasure)
  /** Width by height of its picture. */
  const [own, setOwn] = useState(1)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a thing that is moved, with handles inside
    <div
      ref={element}
      className={lookOf(overlay, isChosen, props.isAway)}
      style={styleOf(overlay, size, frame, own)}
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
        <span className="over-words" dir="auto">
          {overlay.text || ' '}
        </span>
      ) : picture ? (
        <PictureOf picture={picture} time={props.time} onRatio={setOwn} />
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

/** Measure the size of an element in the frame's pixels. */
function useMeasured(
  element: RefObject<HTMLElement | null>,
  frame: Frame,
  onMeasure: (size: Frame) => void,
): Frame {
  const [size, setSize] = useState<Frame>({ width: 0, height: 0 })
  const listener = useRef(onMeasure)
  listener.current = onMeasure
  useLayoutEffect(() => {
    const box = element.current
    const stage = box?.parentElement
    if (!box || !stage) return
    const measure = () => {
      const per = frame.width / (stage.clientWidth || frame.width)
      const extent = { width: box.offsetWidth * per, height: box.offsetHeight * per }
      listener.current(extent)
      setSize((known) =>
        Math.abs(known.width - extent.width) + Math.abs(known.height - extent.height) > 0.01
          ? extent
          : known,
      )
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    observer.observe(stage)
    return () => observer.disconnect()
  }, [element, frame.width])
  return size
}

function styleOf(overlay: Overlay, size: Frame, frame: Frame, own: number): CSSProperties {
  const { x, y } = overlay.isCover ? { x: 0, y: 0 } : boxOf(overlay, size, frame)
  return {
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
}

function lookOf(overlay: Overlay, isChosen: boolean, isAway: boolean): string {
  const look = [
    'over-box',
    `is-${overlay.kind}`,
    `at-${columnOf(overlay.position)}`,
    `at-${rowOf(overlay.position)}`,
    isChosen && 'is-chosen',
    isAway && 'is-away',
    overlay.isCover && 'is-cover',
    overlay.isBold && 'is-bold',
    overlay.backgroundColor && 'has-plate',
    overlay.shape !== 'none' && `is-${overlay.shape}`,
    overlay.borderColor && 'has-border',
    overlay.hasShadow && 'has-shadow',
  ]
  return look.filter(Boolean).join(' ')
}

interface PictureProps {
  picture: Picture
  time: number
  onRatio: (ratio: number) => void
}

function PictureOf({ picture, time, onRatio }: PictureProps) {
  if (picture.isClip) return <Moving url={picture.url} time={time} onRatio={onRatio} />
  return (
    <img
      src={picture.url}
      alt=""
      draggable={false}
      onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
        onRatio(naturalWidth / (naturalHeight || 1))
      }
    />
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
