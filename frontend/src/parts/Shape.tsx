import type { SocketKind } from '../api/schema'
import { isRing, signPath } from '../graph/portIcons'

/** The shape of a type by itself, 12 px, for rows and heads. */
export function Shape({ kind, size = 12 }: { kind: SocketKind; size?: number }) {
  return (
    <svg className={`shape hue-${kind}`} width={size} height={size} viewBox="0 0 14 14" aria-hidden>
      <Sign kind={kind} x={7} y={7} />
    </svg>
  )
}

/** The shape around (x, y), for a drawing that has it beside others. */
export function Sign({ kind, x, y }: { kind: SocketKind; x: number; y: number }) {
  const ring = isRing(kind) ? { className: 'ring' } : {}
  return <path {...ring} d={signPath(kind, x, y)} strokeLinejoin="round" />
}
