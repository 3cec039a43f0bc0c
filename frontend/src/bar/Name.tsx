import { useEffect, useState } from 'react'
import { endGesture, typeInto } from '../editor/actions'
import { documentOf, useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { templateName } from '../graph/documentReaders'
import { SELECTING } from '../parts/selecting'

const LONGEST = 200

/** The template's name, changed where it is. */
export function Name() {
  const name = useEditor((state) => templateName(documentOf(state).doc))
  const canEdit = useEditor((state) => state.canEdit)
  useEffect(() => {
    if (!name) return
    // Unread notices are counted before it.
    const count = /^\(\d+\+?\) /.exec(document.title)?.[0] ?? ''
    document.title = `${count}${name}, editor · Reelgraph`
  }, [name])
  const [draft, setDraft] = useState<string | null>(null)
  const shownName = draft ?? name
  if (!canEdit)
    return (
      <strong className="clip" dir="auto">
        {name}
      </strong>
    )
  const leave = () => {
    // A template has a name: an empty one is taken back, not saved.
    setDraft(null)
    endGesture()
  }
  return (
    <input
      {...SELECTING}
      className="name"
      aria-label="Template name"
      dir="auto"
      value={shownName}
      maxLength={LONGEST}
      onChange={(event) => {
        setDraft(event.target.value)
        const words = event.target.value.trim()
        if (words) typeInto('Name', 'root', 'template', ['name'], words)
      }}
      onPointerDown={(event) => {
        // The first click marks the whole name, so that typing takes its place; the next one sets
        // the cursor.
        if (event.currentTarget === document.activeElement) return
        event.preventDefault()
        event.currentTarget.focus()
      }}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={leave}
      onKeyDown={(event) => {
        if (['Enter', 'Escape'].includes(pressedKey(event))) event.currentTarget.blur()
      }}
    />
  )
}
