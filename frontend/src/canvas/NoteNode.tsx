import { memo } from 'react'
import { act } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { setNote } from '../graph/edits/places'
import { CornerControls } from './CornerControls'
import { keyOf, sceneOf } from './scene'
import { setCanvas, useCanvas } from './state'
import { Written } from './Written'

/** Words for other people, as plain text. */
export const NoteNode = memo(function NoteNode({ id }: { id: string }) {
  const sheet = useEditor((state) => sceneOf(state).sheets.get(id))
  const isSelected = useEditor((state) => state.selection.has(id))
  const canEdit = useEditor((state) => state.canEdit)
  const isWriting = useCanvas((canvas) => canvas.writing === id)
  if (!sheet) return null
  const key = keyOf(id)
  return (
    <section
      className={`stick${isSelected ? ' is-selected' : ''}`}
      aria-label="Note"
      data-node-id={id}
    >
      <Written
        text={sheet.text}
        label="Note"
        placeholder="Type a note"
        canEdit={canEdit}
        isAsked={isWriting}
        onOpen={() => setCanvas({ writing: null })}
        onWrite={(text) =>
          act(setNote(editor().doc, key, { text }), { merge: `notes/${key}/text` })
        }
      />
      {canEdit && <CornerControls id={id} />}
    </section>
  )
})
