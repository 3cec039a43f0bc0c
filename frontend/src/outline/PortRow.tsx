import { ArrowRight, Cable } from 'lucide-react'
import { memo } from 'react'
import { useEditor } from '../editor/store'
import { INPUTS } from '../graph/wiring'
import { isPhone } from '../parts/phone'
import { Shape } from '../parts/Shape'
import { connectAt, isInput } from './rowEdits'
import { TreeItem } from './TreeItem'
import type { Row } from './tree'
import { boundWords, goesTo, inputValue, portName, rowTitle } from './words'

/** A port below its stage: what it takes from or where it goes; below the inputs: an input. */
export const PortRow = memo(function PortRow({ row }: { row: Row }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const tools = useEditor((state) => state.tools)
  const media = useEditor((state) => state.media)
  const canEdit = useEditor((state) => state.canEdit)
  const { socket } = row
  if (!socket) return null
  const title = rowTitle(row, doc, wiring)
  const isIn = row.type === 'in'
  const detail = isIn ? boundWords(row, doc, wiring, tools) : goesTo(row, wiring)
  const value = isInput(row) ? inputValue(doc, socket.key, media) : ''
  const isMissing = isIn && detail === '' && (socket.isRequired || socket.isBroken)
  const name = portName(row, doc, wiring, tools).replace(socket.title, title)
  return (
    <TreeItem
      row={row}
      level={2}
      className={`port-row${row.node === INPUTS ? ' is-input' : ''}${isMissing ? ' is-missing' : ''}`}
      name={value ? `${name}, ${value}` : name}
      {...(isIn && detail === '' && canEdit && isPhone() ? { onPress: () => connectAt(row) } : {})}
    >
      <span className={isIn ? 'outline-side' : 'outline-side is-out'} aria-hidden>
        <Shape kind={socket.kind} size={14} />
      </span>
      <b className="clip" dir="auto" aria-hidden>
        {title}
      </b>
      {isIn && detail === '' && canEdit ? (
        // For pointers: keys and the menu have it, too.
        <button
          type="button"
          className="btn btn-s"
          tabIndex={-1}
          aria-hidden
          onClick={() => connectAt(row)}
        >
          <Cable className="i i-14" aria-hidden />
          Connect…
        </button>
      ) : (
        <span className="outline-binding clip" dir="auto" aria-hidden>
          {!isIn && <ArrowRight className="i i-12" />}
          {detail || 'not connected'}
        </span>
      )}
      {value && (
        <small className={value === 'required' ? 'needed clip' : 'clip'} dir="auto" aria-hidden>
          {value}
        </small>
      )}
      {isMissing && (
        <small className="needed" aria-hidden>
          required
        </small>
      )}
    </TreeItem>
  )
})
