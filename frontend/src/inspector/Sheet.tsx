import { X } from 'lucide-react'
import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from 'react'
import { closeInspector, setFull, useInspector } from '../editor/inspected'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'

interface Props {
  bodyRef: RefObject<HTMLElement | null>
  isResting: boolean
  children: ReactNode
}

const PHONE = '(max-width: 760px)'
/** A drag of the bar by this much means it. */
const FAR_ENOUGH = 60

/** The place of the inspector: a column at the side, on phones a sheet from below. */
export function Sheet({ bodyRef, isResting, children }: Props) {
  const isPhone = useMatches(PHONE)
  const isOpen = useInspector((state) => state.isOpen)
  const mode = useEditor((state) => state.mode)
  if (!isPhone)
    return (
      <aside
        className={`inspector${isResting ? ' is-resting' : ''}`}
        aria-label="Inspector"
        ref={bodyRef}
        data-own-keys=""
        data-mode={mode}
      >
        {children}
      </aside>
    )
  return isOpen ? <FromBelow bodyRef={bodyRef}>{children}</FromBelow> : null
}

/** On phones: a sheet that a bar makes larger or smaller, and closes. */
function FromBelow({ bodyRef, children }: Omit<Props, 'isResting'>) {
  const isFull = useInspector((state) => state.isFull)
  const opener = useRef<Element | null>(null)
  const [drag, setDrag] = useState(0)
  const from = useRef<number | null>(null)

  useEffect(() => {
    opener.current = document.activeElement
    bodyRef.current?.focus()
    return () => {
      if (opener.current instanceof HTMLElement) opener.current.focus()
    }
  }, [bodyRef])

  const onKeyDown = (event: KeyboardEvent) => {
    if (pressedKey(event) !== 'Escape' || event.defaultPrevented) return
    event.stopPropagation()
    closeInspector()
  }
  const drop = () => {
    from.current = null
    setDrag(0)
    if (drag > FAR_ENOUGH) {
      if (isFull) setFull(false)
      else closeInspector()
    } else if (drag < -FAR_ENOUGH) setFull(true)
  }
  const onMove = (event: PointerEvent) => {
    if (from.current !== null) setDrag(event.clientY - from.current)
  }
  return (
    <>
      <div className="scrim" aria-hidden="true" onPointerDown={closeInspector} />
      <section
        className={`inspector sheet${isFull ? ' is-full' : ''}`}
        role="dialog"
        aria-modal="true"
        aria-label="Inspector"
        tabIndex={-1}
        ref={bodyRef}
        data-own-keys=""
        style={drag > 0 ? { transform: `translateY(${drag}px)` } : {}}
        onKeyDown={onKeyDown}
      >
        <div className="sheet-bar">
          <button
            type="button"
            className="grab"
            aria-label={isFull ? 'Make smaller' : 'Make larger'}
            aria-expanded={isFull}
            onClick={() => Math.abs(drag) < 4 && setFull(!isFull)}
            onPointerDown={(event) => {
              from.current = event.clientY
              event.currentTarget.setPointerCapture(event.pointerId)
            }}
            onPointerMove={onMove}
            onPointerUp={drop}
            onPointerCancel={() => {
              from.current = null
              setDrag(0)
            }}
          />
          <button
            type="button"
            className="btn btn-s btn-bare btn-icon"
            aria-label="Close"
            onClick={closeInspector}
          >
            <X className="i" aria-hidden />
          </button>
        </div>
        {children}
      </section>
    </>
  )
}

function useMatches(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia?.(query).matches ?? false)
  useEffect(() => {
    const list = window.matchMedia?.(query)
    if (!list) return
    const update = () => setMatches(list.matches)
    list.addEventListener('change', update)
    return () => list.removeEventListener('change', update)
  }, [query])
  return matches
}
