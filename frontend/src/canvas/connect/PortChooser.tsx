import { useEffect, useRef } from 'react'
import { pressedKey } from '../../frame/press'
import { Shape } from '../../parts/Shape'
import { useView } from '../view'
import { pinInside, roomNow, useEscape } from './floating'
import { letGo, useConnect } from './state'

const WIDTH = 300

/** A choice among the fields of a node that an edge may be meant for. */
export function PortChooser() {
  const which = useConnect((state) => state.which)
  const { x, y, zoom } = useView((state) => state.view)
  // Placed again when the canvas gets another size.
  useView((state) => state.width)
  useView((state) => state.height)
  const list = useRef<HTMLDivElement>(null)
  useEscape(which !== null, letGo)
  useEffect(() => {
    if (which) list.current?.querySelector('button')?.focus({ preventScroll: true })
  }, [which])
  if (!which) return null
  const size = { width: WIDTH, height: Math.min(which.options.length * 34 + 44, 320) }
  const at = pinInside({ x: which.at.x * zoom + x, y: which.at.y * zoom + y }, size, roomNow())
  return (
    <div className="which menu" data-own-pointer="" style={{ left: at.x, top: at.y, width: WIDTH }}>
      <p id="which-title">Connect to which field?</p>
      <div role="menu" aria-labelledby="which-title" ref={list} onKeyDown={walk}>
        {which.options.map((option) => (
          <button
            key={option.socket}
            type="button"
            role="menuitem"
            onClick={() => {
              letGo()
              which.onChoose(option)
            }}
          >
            <Shape kind={option.kind} />
            <span className="grow clip">{option.title}</span>
            <span className="faint">{option.detail}</span>
          </button>
        ))}
      </div>
    </div>
  )
}

function walk(event: React.KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[pressedKey(event)]
  if (step === undefined) return
  event.preventDefault()
  event.stopPropagation()
  const rows = [...event.currentTarget.querySelectorAll('button')]
  const at = rows.indexOf(document.activeElement as HTMLButtonElement)
  rows[(at + step + rows.length) % rows.length]?.focus()
}
