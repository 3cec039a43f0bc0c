import { type ReactNode, useEffect, useRef } from 'react'
import { closeDialog } from '../editor/actions'

interface Props {
  title: string
  /** Further classes: `dialog` alone is 440 px wide. */
  className?: string
  /** The title is for screen readers only. */
  isBare?: boolean
  onClose?: () => void
  children: ReactNode
}

/** A modal dialog: native, so Escape, the focus and what lies behind it are the browser's work. */
export function Dialog({ title, className = '', isBare = false, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const close = onClose ?? closeDialog
  useEffect(() => {
    const dialog = element.current
    const before = document.activeElement
    if (dialog && !dialog.open) dialog.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a native dialog.
    <dialog
      ref={element}
      className={`dialog ${className}`}
      aria-label={title}
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
        <h2 className={isBare ? 'sr' : undefined}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
