import { useEffect, useRef } from 'react'
import { fetchDialogs } from '../dialogs/Dialogs'
import { useEditor } from '../editor/store'
import { ConnectionError } from './ConnectionError'
import { listenForDrops } from './dropTargets'
import { Overlay } from './Overlay'
import { PortChooser } from './PortChooser'
import { SelectionBar } from './SelectionBar'
import { connecting, letGo } from './state'

/** Everything about drawing edges and dropping things. Is inside the canvas's frame. */
export function Connecting() {
  const canEdit = useEditor((state) => state.canEdit)
  const doc = useEditor((state) => state.doc)
  useEffect(() => {
    // What was offered was made for another document.
    const { refusal, which } = connecting()
    const open = refusal?.fits ? refusal.drag : which?.drag
    if (open && open.whole.doc !== doc) letGo()
  }, [doc])
  const anchor = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const frame = anchor.current?.closest<HTMLElement>('.can')
    if (!frame || !canEdit) return
    fetchDialogs('add', 'connect')
    return listenForDrops(frame)
  }, [canEdit])
  return (
    <>
      <span ref={anchor} hidden />
      <Overlay />
      <ConnectionError />
      <PortChooser />
      {canEdit && <SelectionBar />}
    </>
  )
}
