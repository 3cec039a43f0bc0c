import { Sparkles } from 'lucide-react'
import { CommandIcon } from '../../editor/CommandIcon'
import { commandOf, runCommand } from '../../editor/commands'
import { shownKey } from '../../editor/shownKey'
import { useEditor } from '../../editor/store'
import { bounds } from '../../graph/geometry'
import { boxOf } from '../scene'
import { useCanvas } from '../state'
import { useView } from '../view'
import { pinInside, roomNow } from './floating'
import { useConnect } from './state'

const GROUPS = [
  ['align-left', 'align-center', 'align-right'],
  ['align-top', 'align-middle', 'align-bottom'],
  ['distribute-x', 'distribute-y'],
  ['tidy', 'frame', 'edit.duplicate'],
].map((group) => group.map((id) => (id.includes('.') ? id : `arrange.${id}`)))
const SIZE = { width: 488, height: 36 }

/** Above what is selected, when that is several: lining up, spreading out, framing. */
export function SelectionBar() {
  const selection = useEditor((state) => state.selection)
  const mode = useEditor((state) => state.mode)
  useEditor((state) => state.doc)
  const isBusy = useCanvas((state) => state.moving !== null || state.box !== null)
  const isDrawing = useConnect((state) => state.drag !== null)
  const { x, y, zoom } = useView((state) => state.view)
  // Placed again when the canvas gets another size.
  useView((state) => state.width)
  useView((state) => state.height)
  if (selection.size < 2 || isBusy || isDrawing || mode === 'compare') return null
  const box = bounds([...selection].map(boxOf).filter((box) => box !== null))
  if (!box) return null
  const middle = (box.x + box.width / 2) * zoom + x
  const above = { x: middle - SIZE.width / 2, y: box.y * zoom + y - 56 }
  const at = pinInside(above, SIZE, roomNow())
  return (
    <div
      className="selection-bar canvas-toolbar"
      role="toolbar"
      aria-label="Arrange selection"
      data-own-pointer=""
      style={{ left: at.x, top: at.y }}
    >
      {GROUPS.map((group) => (
        <span key={group[0]} className="selection-bar-group">
          {group.map((id) => (
            <Tool key={id} id={id} />
          ))}
        </span>
      ))}
      <span className="selection-bar-group">
        <button
          type="button"
          className="btn btn-bare btn-s"
          title="Change the selection in words (D)"
          onClick={() => runCommand('change')}
        >
          <Sparkles className="i i-14" aria-hidden />
          Change it
        </button>
      </span>
    </div>
  )
}

function Tool({ id }: { id: string }) {
  const command = commandOf(id)
  const not = useEditor((state) => command?.not?.(state) ?? null)
  if (!command) return null
  const key = command.keys?.[0]
  return (
    <button
      type="button"
      className="btn btn-bare btn-s btn-icon"
      aria-label={command.label}
      aria-disabled={not ? true : undefined}
      title={not ?? (key ? `${command.label} (${shownKey(key)})` : command.label)}
      onClick={() => runCommand(id)}
    >
      <CommandIcon id={id} />
    </button>
  )
}
