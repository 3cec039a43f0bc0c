import { X } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { isTyping } from '../../frame/events'
import { pressedKey } from '../../frame/press'
import { Dialog } from '../Dialog'

interface Props {
  title: string
  /** One line below the title: on what, and how. */
  about?: ReactNode
  /** The buttons that end it, at the bottom right: the main button last. */
  foot?: ReactNode
  /**
   * Handle a key wherever the keyboard is in the tool. Keys typed into a field do not come, nor
   * those of a dialog that was opened from it.
   */
  onKey?: (event: KeyboardEvent) => void
  onClose: () => void
  children: ReactNode
}

/** Room to work on a picture or a film: nearly the whole window, all of it on phones. */
export function ToolDialog({ title, about, foot, onKey, onClose, children }: Props) {
  const onKeyDown = (event: KeyboardEvent<HTMLDialogElement>) => {
    // What is behind the window does not hear of it.
    if (pressedKey(event) !== 'Escape') event.stopPropagation()
    if (event.defaultPrevented) return
    // React also sends the events of a picker that was opened from here.
    if (!event.currentTarget.contains(event.target as Node)) return
    if (!isTyping(event.nativeEvent)) onKey?.(event)
  }
  return (
    <Dialog title={title} className="tool-dialog" onClose={onClose} onKeyDown={onKeyDown}>
      {about !== undefined && <p className="tool-about">{about}</p>}
      <div className="tool-body">{children}</div>
      {foot !== undefined && <div className="tool-foot">{foot}</div>}
      <button
        type="button"
        className="btn btn-s btn-bare btn-icon tool-close"
        aria-label="Close"
        title="Close (Esc)"
        onClick={onClose}
      >
        <X className="i" aria-hidden />
      </button>
    </Dialog>
  )
}
