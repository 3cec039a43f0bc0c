import { act } from '../editor/actions'
import { editor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { setFrame, setNote } from '../graph/edits/places'
import { keyOf, sceneOf } from './scene'
import { camera } from './view'

const LEAST = { width: 120, height: 64 }

/** The corner that changes the size of a frame or note: by dragging, or with the arrow keys. */
export function CornerControls({ id }: { id: string }) {
  const resize = (width: number, height: number, merge: string) => {
    const size = { width: Math.max(width, LEAST.width), height: Math.max(height, LEAST.height) }
    const { doc } = editor()
    const isFrame = id.startsWith('frame:')
    act(isFrame ? setFrame(doc, keyOf(id), size) : setNote(doc, keyOf(id), size), { merge })
  }
  return (
    <button
      type="button"
      className="corner stays-put"
      aria-label="Resize with the arrow keys"
      onPointerDown={(event) => {
        const box = sceneOf().sheets.get(id)?.box
        if (!box || event.button !== 0) return
        event.stopPropagation()
        const target = event.currentTarget
        const merge = `size/${id}/${event.timeStamp}`
        const from = { x: event.clientX, y: event.clientY }
        const { zoom } = camera.view
        target.setPointerCapture(event.pointerId)
        target.onpointermove = (move) =>
          resize(
            box.width + (move.clientX - from.x) / zoom,
            box.height + (move.clientY - from.y) / zoom,
            merge,
          )
        target.onpointerup = () => {
          target.onpointermove = null
        }
      }}
      onKeyDown={(event) => {
        const box = sceneOf().sheets.get(id)?.box
        const step = event.shiftKey ? 40 : 8
        const key = pressedKey(event)
        const x = { ArrowLeft: -step, ArrowRight: step }[key] ?? 0
        const y = { ArrowUp: -step, ArrowDown: step }[key] ?? 0
        if (!box || (x === 0 && y === 0)) return
        event.preventDefault()
        event.stopPropagation()
        resize(box.width + x, box.height + y, `size/${id}`)
      }}
    />
  )
}
