import { GripVertical } from 'lucide-react'
import { type DragEvent, type KeyboardEvent, type ReactNode, useRef, useState } from 'react'
import { say } from '../editor/actions'
import { pressedKey } from '../frame/press'

interface Props {
  keys: readonly string[]
  nameOf: (at: number) => string
  onMove: (from: number, to: number) => void
  children: (at: number) => ReactNode
}

/** A list whose rows are moved by dragging their handle, or with the arrow keys on it. */
export function Sortable({ keys, nameOf, onMove, children }: Props) {
  const list = useRef<HTMLUListElement>(null)
  const [dragIndex, setDragIndex] = useState<number | null>(null)
  const [over, setOver] = useState<number | null>(null)
  if (keys.length === 0) return null

  const byKey = (event: KeyboardEvent, at: number) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[pressedKey(event)]
    const to = step === undefined ? -1 : at + step
    if (to < 0 || to >= keys.length) return
    event.preventDefault()
    const name = nameOf(at)
    onMove(at, to)
    say(`${name}: position ${to + 1} of ${keys.length}`)
    // The row moved under the hand: its handle is that of the other place now.
    requestAnimationFrame(() => {
      list.current?.querySelectorAll<HTMLElement>(':scope > li > .grip')[to]?.focus()
    })
  }
  const isMine = (event: DragEvent) => dragIndex !== null && event.dataTransfer !== null
  return (
    <ul className="sortable" ref={list}>
      {keys.map((key, at) => (
        <li
          key={key}
          className={over === at && dragIndex !== at ? 'is-over' : undefined}
          onDragOver={(event) => {
            if (!isMine(event)) return
            event.preventDefault()
            setOver(at)
          }}
          onDrop={(event) => {
            if (dragIndex === null) return
            event.preventDefault()
            if (dragIndex !== at) onMove(dragIndex, at)
            setDragIndex(null)
            setOver(null)
          }}
        >
          {keys.length > 1 && (
            <button
              type="button"
              className="grip"
              draggable
              aria-label={`Move ${nameOf(at)}`}
              title="Drag or use arrow keys"
              onKeyDown={(event) => byKey(event, at)}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = 'move'
                event.dataTransfer.setData('text/plain', nameOf(at))
                setDragIndex(at)
              }}
              onDragEnd={() => {
                setDragIndex(null)
                setOver(null)
              }}
            >
              <GripVertical className="i i-14" aria-hidden />
            </button>
          )}
          {children(at)}
        </li>
      ))}
    </ul>
  )
}

/** A copy of a list with one entry at another place. */
export function move<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, at) => at !== from)
  return [...rest.slice(0, to), items[from] as T, ...rest.slice(to)]
}
