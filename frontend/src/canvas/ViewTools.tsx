import {
  ListTree,
  type LucideIcon,
  Map as MapIcon,
  Maximize,
  Minus,
  Plus,
  Workflow,
} from 'lucide-react'
import { useEffect, useRef } from 'react'
import { CommentsButton } from '../comments/CommentBadge'
import { commandOf, runCommand } from '../editor/commands'
import type { Size } from '../graph/geometry'
import { later } from '../parts/later'
import { setCanvas, useCanvas } from './state'
import { isSmall, useView } from './view'

const PLACE = <div className="minimap" />
const Minimap = later(
  () => import('./Minimap'),
  (found) => found.Minimap,
  { waiting: PLACE, frame: () => PLACE },
)

/** The map and the toolbar at the lower right. */
export function ViewTools() {
  const isFolding = useView(isSmall)
  const hasMinimap = useCanvas((canvas) => (isFolding ? canvas.isUnfolded : canvas.hasMinimap))
  const percent = useView((state) => Math.round(state.view.zoom * 100))
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const tools = element.current
    if (!tools) return
    const observer = new ResizeObserver(() => setCanvas({ corner: cornerOf(tools) }))
    observer.observe(tools)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={element} className="tools" data-own-pointer="">
      {hasMinimap && <Minimap />}
      <div className="canvas-toolbar" role="toolbar" aria-label="View">
        <Tool command="outline.toggle" icon={ListTree} label="Outline" />
        <CommentsButton />
        <Tool command="arrange.tidy" icon={Workflow} label="Tidy up" />
        <Tool command="view.fit" icon={Maximize} label="Fit to screen" />
        {isFolding && (
          <Tool command="view.minimap" icon={MapIcon} label="Minimap" isPressed={hasMinimap} />
        )}
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

/** The room they take, and as much again as they keep from the edges. */
function cornerOf(tools: HTMLElement): Size {
  const { offsetWidth, offsetHeight } = tools
  const { right, bottom } = getComputedStyle(tools)
  return {
    width: offsetWidth + 2 * Number.parseFloat(right),
    height: offsetHeight + 2 * Number.parseFloat(bottom),
  }
}

function Tool({
  command,
  icon: Icon,
  label,
  isPressed,
}: {
  command: string
  icon: LucideIcon
  label: string
  isPressed?: boolean
}) {
  const key = commandOf(command)?.keys?.[0]
  return (
    <button
      type="button"
      className="btn btn-bare btn-s btn-icon"
      aria-label={label}
      aria-pressed={isPressed}
      title={key ? `${label} · ${key}` : label}
      onClick={() => runCommand(command)}
    >
      <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
    </button>
  )
}
