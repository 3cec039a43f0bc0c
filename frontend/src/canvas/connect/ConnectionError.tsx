import { CircleSlash2 } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { portPoint } from '../scene'
import { useView } from '../view'
import { connect } from './connectActions'
import { pinInside, roomNow, useEscape } from './floating'
import { letGo, useConnect } from './state'

const SIZE = { width: 320, height: 150 }

/** The reason that an edge was refused, beside the port, and edits that would do instead. */
export function ConnectionError() {
  const refusal = useConnect((state) => state.refusal)
  const { x, y, zoom } = useView((state) => state.view)
  // Placed again when the canvas gets another size.
  useView((state) => state.width)
  useView((state) => state.height)
  // As large as its text and buttons need; known once it is in the page.
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(SIZE.width)
  const [height, setHeight] = useState(SIZE.height)
  useLayoutEffect(() => {
    if (!box.current) return
    setWidth(box.current.offsetWidth)
    setHeight(box.current.offsetHeight)
  })
  const isAnswered = refusal?.fits !== null && refusal !== null
  useEscape(isAnswered, letGo)
  if (!refusal) return null
  const { drag, node, socket, reason, fits } = refusal
  const port =
    portPoint(node, drag.from.side === 'out' ? 'in' : 'out', socket) ?? portPoint(node, 'in', '')
  if (!port) return null
  const beside = { x: port.x * zoom + x + 20, y: port.y * zoom + y + 10 }
  const at = pinInside(beside, { width, height }, roomNow())
  return (
    <div
      ref={box}
      className="why"
      role="alert"
      data-own-pointer=""
      style={{ left: at.x, top: at.y }}
    >
      <strong>
        <CircleSlash2 className="i" aria-hidden />
        {/* A head has no full stop, unless more follows. */}
        {/\.\s/.test(reason) ? reason : reason.replace(/\.$/, '')}
      </strong>
      {fits?.[0]?.hint && <p>{fits[0].hint}</p>}
      {fits && fits.length > 0 && (
        <div className="row">
          {fits.map((fit) => (
            <button
              key={fit.label}
              type="button"
              className="btn btn-s"
              onClick={() => {
                letGo()
                connect(fit)
              }}
            >
              {fit.label}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
