import { Frame, StickyNote } from 'lucide-react'
import { useEditor } from '../editor/store'
import { TreeItem } from './TreeItem'
import type { Row } from './tree'
import { noteText, rowTitle } from './words'

/** A frame or a note: changed in the inspector. */
export function LooseRow({ row }: { row: Row }) {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const title = rowTitle(row, doc, wiring)
  const Glyph = row.type === 'frame' ? Frame : StickyNote
  const kind = row.type === 'frame' ? 'Frame' : 'Note'
  return (
    <TreeItem
      row={row}
      level={2}
      className="port-row"
      name={
        title === kind ? kind : `${kind}: ${row.type === 'note' ? noteText(doc, row.node) : title}`
      }
    >
      <span className="outline-side" aria-hidden>
        <Glyph className="i i-14" />
      </span>
      <b className="clip" dir="auto" aria-hidden>
        {title}
      </b>
      <span className="outline-binding" aria-hidden>
        {kind}
      </span>
    </TreeItem>
  )
}
