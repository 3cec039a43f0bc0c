import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog } from '../../parts/Dialog'

interface Props {
  title: string
  /** One line below the title: on what, and how. */
  about?: ReactNode
  /** What ends it, at the bottom right: the main button last. */
  foot?: ReactNode
  onClose: () => void
  children: ReactNode
}

/** Room to work on a picture or a film: nearly the whole window, all of it on phones. */
export function ToolDialog({ title, about, foot, onClose, children }: Props) {
  return (
    <Dialog title={title} className="tool-dialog" onClose={onClose}>
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
