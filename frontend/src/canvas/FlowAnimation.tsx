import { useEditor } from '../editor/store'
import { routePath } from '../graph/routes'
import { useRun } from '../run/store'
import { OnPlane } from '../viewport/OnPlane'
import { showsRun } from './nodeState'
import { wireState } from './paintWires'
import { sceneOf } from './scene'
import { useCanvas } from './state'
import { camera } from './view'
import { routeFor } from './wires'

const MOST = 12

/** Something travels along the edges into stages that run, near only, never on many at once. */
export function FlowAnimation() {
  const isFar = useCanvas((canvas) => canvas.isFar)
  const moving = useCanvas((canvas) => canvas.moving)
  const wiring = useEditor((state) => state.wiring)
  const mode = useEditor((state) => state.mode)
  // Drawn again when nodes are put elsewhere.
  useEditor(sceneOf)
  // As text: it is the same from one report of progress to the next.
  const live = useRun((run) => {
    if (isFar || !showsRun({ mode }, run.run)) return ''
    const liveWires = wiring.edges.filter((wire) => wireState(wire, run, true) === 'live')
    return liveWires
      .slice(0, MOST)
      .map((wire) => wire.id)
      .join('\n')
  })
  if (live === '' || moving) return null
  const ids = new Set(live.split('\n'))
  const paths = wiring.edges.flatMap((wire) => {
    const route = ids.has(wire.id) ? routeFor(wire) : null
    return route ? [{ wire, path: routePath(route) }] : []
  })
  return (
    <OnPlane camera={camera}>
      <svg className="edges" aria-hidden>
        {paths.map(({ wire, path }) => (
          <g key={wire.id} className={`hue-${wire.kind}`}>
            <circle className="flow-dot" r="5.5" style={{ offsetPath: `path("${path}")` }} />
          </g>
        ))}
      </svg>
    </OnPlane>
  )
}
