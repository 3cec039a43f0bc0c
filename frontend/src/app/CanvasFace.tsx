import { useEffect, useRef } from 'react'
import { Canvas } from '../canvas/Canvas'
import { focusNode } from '../canvas/keys'
import { fetchDialogs } from '../dialogs/Dialogs'
import { editor, useEditor } from '../editor/store'
import { later } from '../parts/later'
import { plannedKey } from '../run/elements'

const Composer = later(
  () => import('../describe/Composer'),
  (found) => found.Composer,
  { waiting: <div className="describe skeleton" /> },
)

/** The canvas with what it leads to: a box for a brief while it is empty, and the dialogs of edges. */
export function CanvasFace() {
  const canEdit = useEditor((state) => state.canEdit)
  useEffect(() => {
    if (canEdit) fetchDialogs('add', 'connect')
  }, [canEdit])
  const open = useEditor(({ inside }) => {
    const path = inside?.path ?? []
    return plannedKey(path.at(-1)?.key ?? '', path)
  })
  const before = useRef(open)
  useEffect(() => {
    if (before.current === open) return
    before.current = open
    const node = editor().focused
    if (node !== null) focusNode(node)
  }, [open])
  // What is drawn is another graph, with a view of its own. All elements of a batch have the same.
  return <Canvas key={open} composer={<Composer verb="Describe it" />} />
}
