import { useEffect } from 'react'
import { useEditor } from '../../editor/store'
import { ConnectionError } from './ConnectionError'
import { Overlay } from './Overlay'
import { PortChooser } from './PortChooser'
import { SelectionBar } from './SelectionBar'
import { connecting, letGo } from './state'

/** The overlays of edges that are drawn or were refused. Is inside the canvas's frame. */
export function Connecting() {
  const canEdit = useEditor((state) => state.canEdit)
  const doc = useEditor((state) => state.doc)
  useEffect(() => {
    // What was offered was made for another document.
    const { refusal, which } = connecting()
    const open = refusal?.fits ? refusal.drag : which?.drag
    if (open && open.whole.doc !== doc) letGo()
  }, [doc])
  return (
    <>
      <Overlay />
      <ConnectionError />
      <PortChooser />
      {canEdit && <SelectionBar />}
    </>
  )
}
