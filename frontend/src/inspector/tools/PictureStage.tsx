import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useRef,
  useState,
} from 'react'
import type { Point } from '../../editor/store'
import type { Source } from './source'
import {
  cornerOf,
  FITTED,
  held,
  moved,
  pinched,
  type Size,
  scaleOf,
  shown,
  toPicture,
  type View,
  zoomAt,
} from './view'

/** What presses: a pointer, or Enter. pressure: 0 to 1; of all but pens, 0.5. */
export interface Press {
  readonly pressure: number
  /** The turned end of a pen, or Alt. */
  readonly isOther: boolean
  readonly isShift: boolean
}

/** What is done on the picture. Places are pixels of the picture, also outside of it. */
export interface Doing {
  readonly down: (at: Point, press: Press) => void
  readonly move: (at: Point, pressure: number) => void
  readonly up: () => void
  /** A second finger came, or the pointer was taken away. */
  readonly cancel: () => void
  /** The pointer is over it, or left it. */
  readonly hover?: (at: Point | null) => void
}

interface Props extends Doing {
  source: Source
  size: Size | null
  onSize: (size: Size) => void
  label: string
  /** What is drawn over the picture. scale: CSS pixels per pixel of the picture. */
  children?: (scale: number) => ReactNode
  onKeyDown?: (event: KeyboardEvent) => void
  mediaRef?: Ref<HTMLImageElement & HTMLVideoElement>
  className?: string
  /** Beside the buttons that enlarge. */
  beside?: ReactNode
  /** Enter presses and the next Enter lets go; else it does both. */
  holdsKey?: boolean
}

const WHEEL = 0.002
const STEP = 1.4
/** CSS pixels that an arrow key goes; with Shift, and with Alt one pixel of the picture. */
const ARROW = 8
const FAR_ARROW = 40
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
const ERASER = 32

/**
 * A picture to work on: Ctrl and the wheel or two fingers enlarge it, the wheel or Space moves it.
 * Arrow keys move a hand over it, which Enter presses.
 */
export function PictureStage(props: Props) {
  const { size, label } = props
  const room = useRef<HTMLDivElement>(null)
  const [space, setSpace] = useState<Size>({ width: 1, height: 1 })
  const [view, setView] = useState<View>(FITTED)
  const pointers = useRef(new Map<number, Point>())
  const doing = useRef<'work' | 'move' | null>(null)
  const isSpace = useRef(false)
  /** Where the keyboard's hand is; null while a pointer is used. */
  const [hand, setHand] = useState<Point | null>(null)
  const isHeld = useRef(false)
  const [isBroken, setBroken] = useState(false)

  useEffect(() => {
    const element = room.current
    if (!element) return
    const watch = new ResizeObserver(() =>
      setSpace({ width: element.clientWidth, height: element.clientHeight }),
    )
    watch.observe(element)
    return () => watch.disconnect()
  }, [])

  const change = (next: (view: View) => View) => {
    if (size) setView((before) => held(next(before), size, space))
  }
  const latest = useRef(change)
  latest.current = change
  useEffect(() => {
    const element = room.current
    if (!element) return
    // React's own listeners may not keep the page from scrolling or enlarging.
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const at = inside(element, event)
      const now = { width: element.clientWidth, height: element.clientHeight }
      if (event.ctrlKey || event.metaKey)
        latest.current((view) => zoomAt(view, Math.exp(-event.deltaY * WHEEL * 2), at, now))
      else
        latest.current((view) =>
          event.shiftKey
            ? moved(view, -event.deltaY, 0)
            : moved(view, -event.deltaX, -event.deltaY),
        )
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [])

  const placeOf = (at: Point): Point => (size ? toPicture(size, space, view, at) : { x: 0, y: 0 })

  const down = (event: PointerEvent<HTMLDivElement>) => {
    const element = room.current
    if (!element || !size) return
    // Marks on the picture have hands of their own.
    if (event.target instanceof Element && event.target.closest('[data-mark]')) return
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, inside(element, event))
    if (pointers.current.size > 1) {
      if (doing.current === 'work') props.cancel()
      doing.current = 'move'
      return
    }
    if (event.button === 1 || isSpace.current) {
      event.preventDefault()
      doing.current = 'move'
    } else if (event.button === 0) {
      doing.current = 'work'
      props.down(placeOf(inside(element, event)), {
        pressure: event.pointerType === 'pen' ? event.pressure : 0.5,
        isOther: event.altKey || (event.buttons & ERASER) !== 0,
        isShift: event.shiftKey,
      })
    }
  }

  const move = (event: PointerEvent<HTMLDivElement>) => {
    const element = room.current
    if (!element || !size) return
    const at = inside(element, event)
    if (hand && !isHeld.current) setHand(null)
    props.hover?.(placeOf(at))
    const before = pointers.current.get(event.pointerId)
    if (!before) return
    if (doing.current === 'work') {
      const passed = event.nativeEvent.getCoalescedEvents?.() ?? []
      for (const one of passed.length > 0 ? passed : [event.nativeEvent])
        props.move(placeOf(inside(element, one)), one.pointerType === 'pen' ? one.pressure : 0.5)
    } else if (pointers.current.size === 2) {
      const [one, other] = [...pointers.current.entries()]
      if (!one || !other) return
      const after = ([id, place]: [number, Point]) => (id === event.pointerId ? at : place)
      change((view) =>
        pinched(view, [one[1], other[1]], [after(one), after(other)], {
          width: element.clientWidth,
          height: element.clientHeight,
        }),
      )
    } else if (doing.current === 'move') {
      change((view) => moved(view, at.x - before.x, at.y - before.y))
    }
    pointers.current.set(event.pointerId, at)
  }

  const up = (event: PointerEvent<HTMLDivElement>, isLost = false) => {
    if (!pointers.current.delete(event.pointerId)) return
    if (doing.current === 'work') {
      if (isLost) props.cancel()
      else props.up()
    }
    if (pointers.current.size === 0) doing.current = null
  }

  const zoomBy = (factor: number) =>
    change((view) => zoomAt(view, factor, { x: space.width / 2, y: space.height / 2 }, space))

  const moveHand = (event: KeyboardEvent, [right, down_]: readonly [number, number]) => {
    if (!size) return
    const from = hand ?? { x: size.width / 2, y: size.height / 2 }
    const step = event.altKey ? 1 : (event.shiftKey ? FAR_ARROW : ARROW) / scale
    const to = {
      x: Math.min(Math.max(from.x + right * step, 0), size.width),
      y: Math.min(Math.max(from.y + down_ * step, 0), size.height),
    }
    setHand(to)
    props.hover?.(to)
    if (isHeld.current) props.move(to, 0.5)
    change((view) => shown(view, to, size, space))
  }

  const pressHand = (event: KeyboardEvent) => {
    if (!size || event.repeat) return
    const at = hand ?? { x: size.width / 2, y: size.height / 2 }
    setHand(at)
    props.hover?.(at)
    if (!isHeld.current)
      props.down(at, { pressure: 0.5, isOther: event.altKey, isShift: event.shiftKey })
    isHeld.current = !isHeld.current && props.holdsKey === true
    if (!isHeld.current) props.up()
  }

  const key = (event: KeyboardEvent) => {
    props.onKeyDown?.(event)
    if (event.defaultPrevented || event.target !== room.current) return
    const arrow = event.ctrlKey || event.metaKey ? undefined : ARROWS[event.key]
    if (arrow || event.key === 'Enter') {
      event.preventDefault()
      if (arrow) moveHand(event, arrow)
      else pressHand(event)
      return
    }
    if (event.key === 'Escape' && isHeld.current) {
      // It gives up what was begun; the next one leaves.
      event.preventDefault()
      isHeld.current = false
      props.cancel()
      return
    }
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey
    if (event.key === ' ') isSpace.current = true
    else if (isPlain && (event.key === '+' || event.key === '=')) zoomBy(STEP)
    else if (isPlain && event.key === '-') zoomBy(1 / STEP)
    else if (isPlain && event.key === '0') setView(FITTED)
    else return
    event.preventDefault()
  }

  const scale = size ? scaleOf(size, space, view) : 1
  const corner = size ? cornerOf(size, space, view) : { x: 0, y: 0 }
  return (
    <div className="on-picture">
      <div
        ref={room}
        className={`on-picture-room ${props.className ?? ''}`}
        role="application"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys do what the pointer does.
        tabIndex={0}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={(event) => up(event)}
        onPointerCancel={(event) => up(event, true)}
        onPointerLeave={() => {
          if (pointers.current.size === 0 && !hand) props.hover?.(null)
        }}
        onKeyDown={key}
        onKeyUp={(event) => {
          if (event.key === ' ') isSpace.current = false
        }}
        onContextMenu={(event) => event.preventDefault()}
      >
        <div
          className="on-picture-in"
          style={{
            left: corner.x,
            top: corner.y,
            width: size ? size.width * scale : 0,
            height: size ? size.height * scale : 0,
          }}
        >
          <Look {...props} onBroken={() => setBroken(true)} />
          {size && props.children?.(scale)}
          {hand && (
            <span
              className={`on-picture-hand${isHeld.current ? ' is-down' : ''}`}
              style={{ left: hand.x * scale, top: hand.y * scale }}
              aria-hidden
            />
          )}
        </div>
      </div>
      {isBroken && (
        <p className="on-picture-broken" role="alert">
          It cannot be shown. Close this and try again.
        </p>
      )}
      <div className="on-picture-zoom">
        {props.beside}
        <button
          type="button"
          aria-label="Smaller"
          title="Smaller (−)"
          onClick={() => zoomBy(1 / STEP)}
        >
          <ZoomOut className="i i-14" aria-hidden />
        </button>
        <output className="num" aria-label="Enlarged">
          {Math.round(view.zoom * 100)} %
        </output>
        <button type="button" aria-label="Larger" title="Larger (+)" onClick={() => zoomBy(STEP)}>
          <ZoomIn className="i i-14" aria-hidden />
        </button>
        <button type="button" aria-label="Fit" title="Fit (0)" onClick={() => setView(FITTED)}>
          <Maximize className="i i-14" aria-hidden />
        </button>
      </div>
    </div>
  )
}

/** The medium itself: it lies still under what is done on it. */
function Look({ source, onSize, mediaRef, onBroken }: Props & { onBroken: () => void }) {
  if (source.kind === 'video')
    return (
      <video
        ref={mediaRef}
        src={source.url}
        muted
        playsInline
        preload="auto"
        onError={onBroken}
        onLoadedMetadata={({ currentTarget: video }) =>
          onSize({ width: video.videoWidth, height: video.videoHeight })
        }
      />
    )
  return (
    <img
      ref={mediaRef}
      src={source.url}
      alt=""
      draggable={false}
      onError={onBroken}
      onLoad={({ currentTarget: image }) =>
        onSize({ width: image.naturalWidth, height: image.naturalHeight })
      }
    />
  )
}

function inside(element: HTMLElement, event: { clientX: number; clientY: number }): Point {
  const bounds = element.getBoundingClientRect()
  return { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
}
