import { X } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Medium } from '../api/schema'

interface Props {
  medium: Medium
  name: string
  beside?: ReactNode
  onClose: () => void
}

/** A picture as large as the window, and at its own size on a click. */
export function Zoom({ medium, name, beside, onClose }: Props) {
  const element = useRef<HTMLDialogElement>(null)
  const [isFull, setFull] = useState(false)
  useEffect(() => {
    const before = document.activeElement
    element.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={element}
      className={`zoom${isFull ? ' is-full' : ''}`}
      aria-label={name}
      onClose={onClose}
    >
      <button
        type="button"
        className="zoom-picture"
        aria-label={isFull ? 'Fit to window' : 'Show actual size'}
        onClick={() => setFull(!isFull)}
      >
        <img src={medium.url} alt={name} />
      </button>
      <div className="zoom-beside">{beside}</div>
      <button
        type="button"
        className="btn btn-s btn-icon zoom-close"
        aria-label="Close"
        title="Close (Esc)"
        onClick={() => element.current?.close()}
      >
        <X className="i i-14" aria-hidden />
      </button>
    </dialog>
  )
}
