import { ListTree, type LucideIcon, Maximize, Minus, Plus, Workflow } from 'lucide-react'
import { CommentsButton } from '../comments/CommentBadge'
import { commandOf, runCommand } from '../editor/commands'
import { later } from '../parts/later'
import { useCanvas } from './state'
import { useView } from './view'

const PLACE = <div className="minimap" />
const Minimap = later(
  () => import('./Minimap'),
  (found) => found.Minimap,
  { waiting: PLACE, frame: () => PLACE },
)

/** The map and the toolbar at the lower right. */
export function ViewTools() {
  const hasMinimap = useCanvas((canvas) => canvas.hasMinimap)
  const percent = useView((state) => Math.round(state.view.zoom * 100))
  return (
    <div className="tools" data-own-pointer="">
      {hasMinimap && <Minimap />}
      <div className="canvas-toolbar" role="toolbar" aria-label="View">
        <Tool command="outline.toggle" icon={ListTree} label="Outline" />
        <CommentsButton />
        <Tool command="arrange.tidy" icon={Workflow} label="Tidy up" />
        <Tool command="view.fit" icon={Maximize} label="Fit to screen" />
        <span className="divider" />
        <Tool command="view.zoom-out" icon={Minus} label="Zoom out" />
        <button
          type="button"
          className="btn btn-bare btn-s num percent"
          title="Zoom to 100% · 1"
          aria-label={`Zoom, ${percent}%. Set to 100%`}
          onClick={() => runCommand('view.zoom-100')}
        >
          {percent}%
        </button>
        <Tool command="view.zoom-in" icon={Plus} label="Zoom in" />
      </div>
    </div>
  )
}

function Tool({
  command,
  icon: Icon,
  label,
}: {
  command: string
  icon: LucideIcon
  label: string
}) {
  const key = commandOf(command)?.keys?.[0]
  return (
    <button
      type="button"
      className="btn btn-bare btn-s btn-icon"
      aria-label={label}
      title={key ? `${label} · ${key}` : label}
      onClick={() => runCommand(command)}
    >
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
    </button>
  )
}
