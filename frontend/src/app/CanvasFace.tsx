import { useEffect } from 'react'
import { Canvas } from '../canvas/Canvas'
import { fetchDialogs } from '../dialogs/Dialogs'
import { useEditor } from '../editor/store'
import { later } from '../parts/later'

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
  return <Canvas composer={<Composer verb="Describe it" />} />
}
