import { ViewportPortal } from '@xyflow/react'
import { useEditor } from '../editor/store'
import { curvePath } from '../graph/geometry'
import { useRun } from '../run/store'
import { showsRun } from './look'
import { wireState } from './paint_wires'
import { endsOf, sceneOf } from './scene'
import { useCanvas } from './state'

const MOST = 12

/** Something travels along the edges into stages that run, near only, never on many at once. */
export function Beads() {
  const isFar = useCanvas((canvas) => canvas.isFar)
  const moving = useCanvas((canvas) => canvas.moving)
  const wiring = useEditor((state) => state.wiring)
  const mode = useEditor((state) => state.mode)
  const scene = useEditor(sceneOf)
  // As text: it is the same from one report of progress to the next.
  const live = useRun((run) => {
    if (isFar || !showsRun({ mode }, run.run)) return ''
    const found = wiring.edges.filter((wire) => wireState(wire, run, true) === 'live')
    return found
      .slice(0, MOST)
      .map((wire) => wire.id)
      .join('\n')
  })
  if (live === '' || moving) return null
  const ids = new Set(live.split('\n'))
  const paths = wiring.edges.flatMap((wire) => {
    const ends = ids.has(wire.id) ? endsOf(wire, wiring, scene) : null
    return ends ? [{ wire, path: curvePath(ends[0], ends[1]) }] : []
  })
  return (
    <ViewportPortal>
      <svg className="edges" aria-hidden>
        {paths.map(({ wire, path }) => (
          <g key={wire.id} className={`hue-${wire.kind}`}>
            <circle className="bead" r="5.5" style={{ offsetPath: `path("${path}")` }} />
          </g>
        ))}
      </svg>
    </ViewportPortal>
  )
}
