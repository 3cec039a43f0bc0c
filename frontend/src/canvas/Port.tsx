import { memo } from 'react'
import type { Point } from '../graph/geometry'
import type { Socket } from '../graph/wiring'
import { Sign } from '../parts/Shape'

interface Props {
  node: string
  socket: Socket
  side: 'in' | 'out'
  at: Point
  /** An issue is about this port. */
  isBad: boolean
  /** It may be open for now. */
  isCalm?: boolean
}

/**
 * A port on the node's edge. Gestures find it by its data attributes: edges are drawn by the one who
 * listens to the canvas, not here.
 */
export const Port = memo(function Port({ node, socket, side, at, isBad, isCalm }: Props) {
  const isOpen = side === 'in' && !socket.isFilled
  const isMissing = isBad || socket.isBroken || (isOpen && socket.isRequired && !isCalm)
  return (
    <svg
      className={`port hue-${socket.kind}${isOpen ? ' open' : ''}${socket.isImplied ? ' is-implied' : ''}`}
      style={{ left: at.x, top: at.y }}
      viewBox="0 0 14 14"
      aria-hidden
      data-node={node}
      data-side={side}
      data-socket={socket.key}
      data-kind={socket.kind}
    >
      <circle className="cut" cx="7" cy="7" r="9" />
      {socket.isList && (
        <g className="behind">
          <Sign kind={socket.kind} x={10.5} y={7} />
        </g>
      )}
      <Sign kind={socket.kind} x={7} y={7} />
      {isMissing && <circle className="miss" cx="7" cy="7" r="10" />}
      <circle className="hit" cx="7" cy="7" r="14" />
    </svg>
  )
})
