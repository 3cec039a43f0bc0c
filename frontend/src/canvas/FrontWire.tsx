import { useEditor } from '../editor/store'
import { routePath } from '../graph/routes'
import { OnPlane } from '../viewport/OnPlane'
import { sceneOf } from './scene'
import { useCanvas } from './state'
import { camera } from './view'
import { routeFor } from './wires'

/** The edge that is selected or pointed at, in front of the nodes, so that all of it is seen. */
export function FrontWire() {
  const hoverId = useCanvas((canvas) => canvas.hoveredWire)
  const selectionId = useEditor((state) => state.wire)
  const wire = useEditor((state) => {
    const id = hoverId ?? selectionId
    return id === null ? undefined : state.wiring.edges.find((known) => known.id === id)
  })
  // Drawn again when nodes move.
  useCanvas((canvas) => canvas.moving)
  useEditor(sceneOf)
  const route = wire && routeFor(wire)
  if (!route) return null
  const path = routePath(route)
  const kind = wire.id === selectionId ? 'selected' : 'live'
  return (
    <OnPlane camera={camera}>
      <svg className="edges connecting" width="1" height="1" aria-hidden>
        <g className={`hue-${wire.kind}`}>
          <path className="halo" d={path} />
          <path className={`${kind} front${wire.isImplied ? ' implied' : ''}`} d={path} />
        </g>
      </svg>
    </OnPlane>
  )
}
