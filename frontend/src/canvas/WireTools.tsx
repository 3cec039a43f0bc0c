import { Plus, Scissors } from 'lucide-react'
import { editor, useEditor } from '../editor/store'
import { INSIDE, type Wire } from '../graph/wiring'
import { cut, insertInto, keepConnection } from './nodeActions'
import { sceneOf } from './scene'
import { useCanvas } from './state'
import { useView } from './view'
import { middleOf } from './wires'

/** Buttons at the middle of an edge: cut it, put a stage into it, or make an implied one real. */
export function WireTools() {
  const hoverId = useCanvas((canvas) => canvas.hoveredWire)
  const impliedId = useCanvas((canvas) => canvas.implied?.wire ?? null)
  const isMoving = useCanvas((canvas) => canvas.moving !== null)
  const canEdit = useEditor((state) => state.canEdit && state.mode === 'edit')
  const id = impliedId ?? hoverId
  const wire = useEditor((state) =>
    id === null ? undefined : state.wiring.edges.find((edge) => edge.id === id),
  )
  if (!wire || isMoving || !canEdit || wire.targetSocket === INSIDE) return null
  return <Buttons wire={wire} isOpen={impliedId !== null} />
}

function Buttons({ wire, isOpen }: { wire: Wire; isOpen: boolean }) {
  const { x, y, zoom } = useView((state) => state.view)
  // It moves with its nodes.
  useEditor(sceneOf)
  const at = middleOf(wire)
  if (!at) return null
  const style = { transform: `translate(${at.x * zoom + x}px, ${at.y * zoom + y}px)` }
  if (isOpen)
    return (
      <div className="wire-tools" style={style} data-own-pointer="">
        <ImpliedPopover wire={wire} />
      </div>
    )
  return (
    <div className="wire-tools" style={style} data-own-pointer="">
      {!wire.isImplied && (
        <button
          type="button"
          className="btn btn-s btn-icon"
          aria-label="Delete connection"
          title="Delete connection · Delete"
          onClick={() => cut(wire)}
        >
          <Scissors className="i i-14" aria-hidden />
        </button>
      )}
      <button
        type="button"
        className="btn btn-s btn-icon"
        aria-label="Insert a stage"
        title="Insert a stage"
        onClick={() => insertInto(wire)}
      >
        <Plus className="i i-14" aria-hidden />
      </button>
    </div>
  )
}

function ImpliedPopover({ wire }: { wire: Wire }) {
  const { wiring } = editor()
  const source = wiring.nodes.get(wire.source)
  const target = wiring.nodes.get(wire.target)
  return (
    <div className="why implied-pop" role="dialog" aria-label="Automatic connection">
      <strong>
        <bdi>{target?.title}</bdi> uses <bdi>{source?.title}</bdi> automatically
      </strong>
      <p>The newest matching result is used. Keep it to always use this one.</p>
      <div className="row">
        <button type="button" className="btn btn-s" onClick={() => keepConnection(wire)}>
          Keep connection
        </button>
      </div>
    </div>
  )
}
