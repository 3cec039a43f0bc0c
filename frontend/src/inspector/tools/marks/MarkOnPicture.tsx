import { Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { pressedKey } from '../../../frame/press'
import type { Size } from '../../../parts/mediaTool/view'
import { ARROWS } from '../usePan'
import { type Mark, markWords, movedMark, stretchMark } from './shapes'

interface Props {
  mark: Mark
  at: number
  size: Size
  /** CSS pixels per pixel of the picture. */
  scale: number
  isChosen: boolean
  onChoose: () => void
  /** One of a drag's or of a run of keys. */
  onChange: (mark: Mark) => void
  onDone: () => void
  /** From on it to off it, and back. */
  onTurn: () => void
}

const STEP = 4
const FAR_STEP = 24

/** Move or stretch a mark by pointer and arrow keys. across, down: the picture's size. */
function useMoving(props: Props, across: number, down: number) {
  const { mark } = props
  const last = useRef<{ x: number; y: number; grip: 'whole' | 'corner' } | null>(null)
  const now = useRef(mark)
  now.current = mark
  const change = (grip: 'whole' | 'corner', dx: number, dy: number) => {
    const next = (grip === 'whole' ? movedMark : stretchMark)(now.current, dx / across, dy / down)
    now.current = next
    props.onChange(next)
  }

  const press = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    event.stopPropagation()
    const corner = event.target instanceof Element && event.target.closest('.mark-corner')
    event.currentTarget.setPointerCapture(event.pointerId)
    last.current = { x: event.clientX, y: event.clientY, grip: corner ? 'corner' : 'whole' }
    props.onChoose()
  }
  const move = (event: PointerEvent<HTMLElement>) => {
    const { current } = last
    if (!current) return
    event.stopPropagation()
    change(current.grip, event.clientX - current.x, event.clientY - current.y)
    last.current = { ...current, x: event.clientX, y: event.clientY }
  }
  const release = () => {
    if (!last.current) return
    last.current = null
    props.onDone()
  }

  const keys = (event: KeyboardEvent) => {
    const key = pressedKey(event)
    const arrow = ARROWS[key]
    if (key === 'Enter' || key === ' ') props.onTurn()
    else if (arrow && !event.ctrlKey) {
      const step = event.altKey ? 1 : event.shiftKey && mark.type === 'point' ? FAR_STEP : STEP
      const grip = event.shiftKey && mark.type === 'box' ? 'corner' : 'whole'
      change(grip, arrow[0] * step, arrow[1] * step)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  return {
    onPointerDown: press,
    onPointerMove: move,
    onPointerUp: release,
    onPointerCancel: release,
    onKeyDown: keys,
  }
}

/** A point or a box: dragged, moved by arrow keys, turned by Enter. */
export function MarkOnPicture(props: Props) {
  const { mark, at, size, scale, isChosen } = props
  const element = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (isChosen && document.activeElement?.closest('.on-picture')) element.current?.focus()
  }, [isChosen])
  const across = size.width * scale
  const down = size.height * scale
  const moving = useMoving(props, across, down)
  const isPoint = mark.type === 'point'
  const Glyph = mark.isOff ? Minus : Plus
  return (
    <button
      ref={element}
      type="button"
      data-mark=""
      className={`${isPoint ? 'mark-point' : 'mark-box'}${mark.isOff ? ' is-off' : ''}${isChosen ? ' is-chosen' : ''}`}
      aria-label={markWords(mark, at)}
      aria-keyshortcuts="Enter Delete"
      title={
        isPoint
          ? 'Drag or arrow keys: move · Enter: include or exclude · Delete: remove'
          : 'Drag or arrow keys: move · Shift and arrows: resize · Enter: include or exclude · Delete: remove'
      }
      style={{
        left: mark.x * across,
        top: mark.y * down,
        ...(isPoint ? {} : { width: mark.width * across, height: mark.height * down }),
      }}
      {...moving}
      onFocus={props.onChoose}
      onBlur={props.onDone}
    >
      {isPoint ? (
        <Glyph className="i i-12" aria-hidden />
      ) : (
        <>
          <span className="mark-tag" aria-hidden>
            <Glyph className="i i-12" />
          </span>
          <span className="mark-corner" aria-hidden />
        </>
      )}
    </button>
  )
}
