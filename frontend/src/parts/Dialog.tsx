import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react'
import { closeDialog } from '../editor/actions'
import type { Point } from '../editor/store'

/** Pixels between a dialog and the rim of the window, and what room a list is given. */
const EDGE = 12
const HIGHEST = 380

interface Props {
  title: string
  /** Further classes: `dialog` alone is 440 px wide. */
  className?: string
  /** The title is for screen readers only. */
  isBare?: boolean
  onClose?: () => void
  /** The point in the window at which it opens; what lies behind then stays bright. */
  at?: Point | undefined
  /** Keys of all that is in it; those of dialogs that were opened from it come, too. */
  onKeyDown?: (event: KeyboardEvent<HTMLDialogElement>) => void
  children: ReactNode
}

/** A modal dialog: native, so Escape, the focus and what lies behind it are the browser's work. */
export function Dialog(props: Props) {
  const { title, className = '', isBare = false, onClose, at, onKeyDown, children } = props
  const element = useRef<HTMLDialogElement>(null)
  const close = onClose ?? closeDialog
  const before = useRef<Element | null>(null)
  useLayoutEffect(() => {
    const dialog = element.current
    if (!dialog || dialog.open) return
    before.current = document.activeElement
    dialog.showModal()
  }, [])
  // Only once the dialog is out of the page: until then it keeps the focus from all else.
  useEffect(
    () => () => {
      const element = before.current
      if (element instanceof HTMLElement && element.isConnected) element.focus()
    },
    [],
  )
  useLayoutEffect(() => {
    const dialog = element.current
    if (!dialog || !at) return
    const room = {
      x: Math.max(EDGE, innerWidth - dialog.offsetWidth - EDGE),
      y: Math.max(EDGE, innerHeight - HIGHEST - EDGE),
    }
    dialog.style.left = `${Math.min(Math.max(at.x, EDGE), room.x)}px`
    dialog.style.top = `${Math.min(Math.max(at.y, EDGE), room.y)}px`
  })
  return (
    <dialog
      ref={element}
      className={`dialog ${at ? 'dialog-at ' : ''}${className}`}
      aria-label={title}
      // It is beside what it was opened from, which has this, too.
      translate="no"
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => {
        // The backdrop belongs to the dialog's own box; what is inside is a child.
        if (event.target === element.current) close()
      }}
    >
      <div>
        <h2 className={isBare ? 'visually-hidden' : undefined} dir="auto">
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  )
}
