import { memo } from 'react'
import { portAt } from '../graph/geometry'
import type { WiringNode } from '../graph/wiring'
import { Port } from './Port'

/** The rows of a stage's ports with their names, and the ports on both edges. */
export const Ports = memo(function Ports({
  node,
  bad,
  isCalm = false,
}: {
  node: WiringNode
  bad: ReadonlySet<string>
  /** It was just added: what is open is still to fill in. */
  isCalm?: boolean
}) {
  const rows = Math.max(node.inputs.length, node.outputs.length)
  const names = Array.from({ length: rows }, (_, at) => at)
  return (
    <>
      <div className="ports" aria-hidden>
        {names.map((at) => (
          <PortNames key={at} left={node.inputs[at]?.title} right={node.outputs[at]?.title} />
        ))}
      </div>
      {node.inputs.map((socket, at) => (
        <Port
          key={socket.key}
          node={node.id}
          socket={socket}
          side="in"
          at={portAt(node, 'in', at)}
          isBad={bad.has(socket.argument)}
          isCalm={isCalm}
        />
      ))}
      {node.outputs.map((socket, at) => (
        <Port
          key={socket.key}
          node={node.id}
          socket={socket}
          side="out"
          at={portAt(node, 'out', at)}
          isBad={false}
        />
      ))}
    </>
  )
})

function PortNames({ left = '', right = '' }: { left?: string; right?: string }) {
  return (
    <>
      <span title={left}>{left}</span>
      <span>{right}</span>
    </>
  )
}
