import { memo, type ReactNode } from 'react'
import type { Point } from '../graph/geometry'
import type { Socket } from '../graph/wiring'
import type { SocketKind } from '../types'

/** The shape of a port type around (x, y): the shape alone tells the type, its hue repeats it. */
function shape(kind: SocketKind, x: number, y: number): ReactNode {
  switch (kind) {
    case 'text':
      return <rect x={x - 6.2} y={y - 3.2} width="12.4" height="6.5" rx="1.9" />
    case 'image':
      return <rect x={x - 4.9} y={y - 4.9} width="9.7" height="9.7" rx="1.9" />
    case 'video':
      return <path d={`M${x - 4.3} ${y - 5.7}l10.5 5.7l-10.5 5.7z`} strokeLinejoin="round" />
    case 'audio':
      return <circle cx={x} cy={y} r="5.4" />
    case 'number':
      return <path d={`M${x} ${y - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z`} />
    case 'model':
      return <path d={`M${x} ${y - 6.2}l5.4 3.1v6.2l-5.4 3.1l-5.4 -3.1v-6.2z`} />
    default:
      return <circle className="ring" cx={x} cy={y} r="4" />
  }
}

interface Props {
  node: string
  socket: Socket
  side: 'in' | 'out'
  at: Point
  /** An issue is about this port. */
  isBad: boolean
}

/**
 * A port on the node's edge. Gestures find it by its data attributes: edges are drawn by whoever
 * listens to the canvas, not here.
 */
export const Port = memo(function Port({ node, socket, side, at, isBad }: Props) {
  const isOpen = side === 'in' && !socket.isFilled
  const isMissing = isBad || socket.isBroken || (isOpen && socket.isRequired)
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
      {socket.isList && <g className="behind">{shape(socket.kind, 10.5, 7)}</g>}
      {shape(socket.kind, 7, 7)}
      {isMissing && <circle className="miss" cx="7" cy="7" r="10" />}
      <circle className="hit" cx="7" cy="7" r="14" />
    </svg>
  )
})

/** The shape of a type by itself, 12 px, for rows and heads. */
export function Shape({ kind, size = 12 }: { kind: SocketKind; size?: number }) {
  return (
    <svg className={`shape hue-${kind}`} width={size} height={size} viewBox="0 0 14 14" aria-hidden>
      {shape(kind, 7, 7)}
    </svg>
  )
}
