import { useStore } from '@xyflow/react'
import { CircleSlash2 } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { portPoint } from '../canvas/scene'
import { connect } from './answers'
import { pinned, useEscape } from './floating'
import { letGo, useConnect } from './state'

const SIZE = { width: 320, height: 150 }

/** Why an edge was refused, beside the port, and what would do instead. */
export function Why() {
  const refusal = useConnect((state) => state.refusal)
  const transform = useStore((state) => state.transform)
  const width = useStore((state) => state.width)
  const height = useStore((state) => state.height)
  // As high as its words and buttons need; known once it stands there.
  const box = useRef<HTMLDivElement>(null)
  const [tall, setTall] = useState(SIZE.height)
  useLayoutEffect(() => {
    if (box.current) setTall(box.current.offsetHeight)
  })
  const isAnswered = refusal?.fits !== null && refusal !== null
  useEscape(isAnswered, letGo)
  if (!refusal) return null
  const { drag, node, socket, reason, fits } = refusal
  const port =
    portPoint(node, drag.from.side === 'out' ? 'in' : 'out', socket) ?? portPoint(node, 'in', '')
  if (!port) return null
  const [x, y, zoom] = transform
  const size = { width: SIZE.width, height: tall }
  const at = pinned({ x: port.x * zoom + x + 20, y: port.y * zoom + y + 10 }, size, {
    width,
    height,
  })
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
