import { MoveHorizontal } from 'lucide-react'
import {
  type KeyboardEvent,
  type MutableRefObject,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react'
import type { Point } from '../../editor/store'
import { pressedKey } from '../../frame/press'
import {
  clampView,
  cornerOf,
  moveView,
  pinchView,
  type Size,
  scaleOf,
  type View,
  zoomAt,
} from '../../parts/mediaTool/view'

interface Props {
  isWipe: boolean
  view: View
  onView: (view: View) => void
  /** The size of the later one, in its own pixels: the frame of both. */
  size: Size | null
  /** Receives the room's size. */
  room: MutableRefObject<Size>
  before: ReactNode
  after: ReactNode
}

const WHEEL = 0.004
const KEYS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.02,
  ArrowDown: -0.02,
  ArrowRight: 0.02,
  ArrowUp: 0.02,
  PageDown: -0.1,
  PageUp: 0.1,
  Home: -1,
  End: 1,
}

/** Two media in one frame, or in two beside each other, seen alike. */
export function Wipe({ isWipe, view, onView, size, room, before, after }: Props) {
  const pane = useRef<HTMLDivElement>(null)
  const [space, setSpace] = useState<Size>({ width: 1, height: 1 })
  /** The share of the earlier one that is seen, 0 to 1 from the left. */
  const [at, setAt] = useState(0.5)
  useRoom(pane, room, setSpace)
  const change = (next: View) => {
    if (size) onView(clampView(next, size, space))
  }
  useWheel(pane, room, view, change)
  const hands = useHands({
    view,
    space,
    isWipe,
    onView: change,
    onDivider: (x) => setAt(Math.min(Math.max(x / space.width, 0), 1)),
  })
  const frame = frameOf(size, space, view)
  if (!isWipe)
    return (
      <div className="wipe is-beside">
        <div ref={pane} className="wipe-pane" {...hands}>
          <div className="wipe-frame" style={frame}>
            {before}
          </div>
          <span className="glass wipe-name">Before</span>
        </div>
        <div className="wipe-pane" {...hands}>
          <div className="wipe-frame" style={frame}>
            {after}
          </div>
          <span className="glass wipe-name">After</span>
        </div>
      </div>
    )
  return (
    <div className="wipe">
      <div ref={pane} className="wipe-pane" {...hands}>
        <div className="wipe-layer">
          <div className="wipe-frame" style={frame}>
            {after}
          </div>
        </div>
        <div className="wipe-layer" style={{ clipPath: `inset(0 ${(1 - at) * 100}% 0 0)` }}>
          <div className="wipe-frame is-solid" style={frame}>
            {before}
          </div>
        </div>
        <span className="glass wipe-name" hidden={at < 0.1}>
          Before
        </span>
        <span className="glass wipe-name is-after" hidden={at > 0.9}>
          After
        </span>
        <div className="wipe-line" style={{ left: `${at * 100}%` }}>
          <Divider at={at} onMove={setAt} />
        </div>
      </div>
    </div>
  )
}

function useRoom(
  pane: RefObject<HTMLElement | null>,
  room: MutableRefObject<Size>,
  onSize: (size: Size) => void,
): void {
  useEffect(() => {
    const element = pane.current
    if (!element) return
    const watch = new ResizeObserver(() => {
      const now = { width: element.clientWidth, height: element.clientHeight }
      room.current = now
      onSize(now)
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [pane, room, onSize])
}

/** The wheel enlarges what is whole, and moves what is larger than its room. */
function useWheel(
  pane: RefObject<HTMLElement | null>,
  room: MutableRefObject<Size>,
  view: View,
  change: (next: View) => void,
): void {
  const latest = useRef({ view, change })
  latest.current = { view, change }
  useEffect(() => {
    const element = pane.current?.parentElement
    if (!element) return
    const wheel = (event: WheelEvent) => {
      event.preventDefault()
      const { view: now, change: to } = latest.current
      const place = inside(paneOf(event.target, element), event)
      if (event.ctrlKey || event.metaKey || now.zoom === 1)
        to(zoomAt(now, Math.exp(-event.deltaY * WHEEL), place, room.current))
      else to(moveView(now, -event.deltaX, -event.deltaY))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [pane, room])
}

interface Hands {
  view: View
  space: Size
  isWipe: boolean
  onView: (view: View) => void
  onDivider: (x: number) => void
}

/** One pointer moves the divider or the picture, two enlarge it. */
function useHands({ view, space, isWipe, onView, onDivider }: Hands) {
  const pointers = useRef(new Map<number, Point>())
  const isDivider = useRef(false)
  const wipeTo = (event: PointerEvent<HTMLElement>) =>
    onDivider(inside(event.currentTarget, event).x)
  const down = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return
    const isHandle =
      event.target instanceof Element && event.target.closest('.wipe-handle') !== null
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, inside(event.currentTarget, event))
    isDivider.current = isWipe && pointers.current.size === 1 && (isHandle || view.zoom === 1)
    if (isDivider.current) wipeTo(event)
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const from = pointers.current.get(event.pointerId)
    if (!from) return
    const to = inside(event.currentTarget, event)
    const [one, other] = [...pointers.current.entries()]
    if (one && other) {
      const next = ([id, place]: [number, Point]) => (id === event.pointerId ? to : place)
      onView(pinchView(view, [one[1], other[1]], [next(one), next(other)], space))
    } else if (isDivider.current) wipeTo(event)
    else onView(moveView(view, to.x - from.x, to.y - from.y))
    pointers.current.set(event.pointerId, to)
  }
  const up = (event: PointerEvent<HTMLDivElement>) => void pointers.current.delete(event.pointerId)
  return { onPointerDown: down, onPointerMove: move, onPointerUp: up, onPointerCancel: up }
}

/** Return the place of the picture in its pane. */
function frameOf(size: Size | null, space: Size, view: View) {
  if (!size) return { left: 0, top: 0, width: 0, height: 0 }
  const scale = scaleOf(size, space, view)
  const { x, y } = cornerOf(size, space, view)
  return { left: x, top: y, width: size.width * scale, height: size.height * scale }
}

function Divider({ at, onMove }: { at: number; onMove: (at: number) => void }) {
  const percent = Math.round(at * 100)
  const keys = (event: KeyboardEvent) => {
    const by = KEYS[pressedKey(event)]
    if (by === undefined) return
    event.preventDefault()
    onMove(Math.min(Math.max(at + by * (event.shiftKey ? 5 : 1), 0), 1))
  }
  return (
    <button
      type="button"
      role="slider"
      className="wipe-handle"
      aria-label="Divider"
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={`${percent}% before, ${100 - percent}% after`}
      title="Drag, or arrow keys"
      onKeyDown={keys}
    >
      <MoveHorizontal className="i i-14" aria-hidden />
    </button>
  )
}

function paneOf(target: EventTarget | null, otherwise: HTMLElement): HTMLElement {
  const pane = target instanceof Element ? target.closest('.wipe-pane') : null
  return pane instanceof HTMLElement ? pane : otherwise
}

function inside(element: HTMLElement, event: { clientX: number; clientY: number }): Point {
  const bounds = element.getBoundingClientRect()
  return { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
}
