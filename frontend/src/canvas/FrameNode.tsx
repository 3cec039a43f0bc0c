import { memo } from 'react'
import { act } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { setFrame } from '../graph/edits/places'
import { CornerControls } from './CornerControls'
import { keyOf, sceneOf } from './scene'
import { setCanvas, useCanvas } from './state'
import { Written } from './Written'

/** A titled area beneath the nodes. Only its head and corner take the pointer; it moves what it holds. */
export const FrameNode = memo(function FrameNode({ id }: { id: string }) {
  const sheet = useEditor((state) => sceneOf(state).sheets.get(id))
  const isSelected = useEditor((state) => state.selection.has(id))
  const canEdit = useEditor((state) => state.canEdit)
  const isWriting = useCanvas((canvas) => canvas.writing === id)
  if (!sheet) return null
  const key = keyOf(id)
  return (
    <section
      className={`frame${isSelected ? ' is-selected' : ''}`}
      aria-label={sheet.text ? `Frame ${sheet.text}` : 'Untitled frame'}
      data-node-id={id}
    >
      <header data-grip="">
        <Written
          text={sheet.text}
          label="Frame title"
          placeholder="Frame"
          isLine
          canEdit={canEdit}
          isAsked={isWriting}
          onOpen={() => setCanvas({ writing: null })}
          onWrite={(title) =>
            act(setFrame(editor().doc, key, { title }), { merge: `frames/${key}/title` })
          }
        />
      </header>
      {canEdit && <CornerControls id={id} />}
    </section>
  )
})
