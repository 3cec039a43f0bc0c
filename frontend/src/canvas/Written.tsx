import { useEffect, useRef, useState } from 'react'
import { pressedKey } from '../frame/press'
import { useDraft } from '../inspector/form/useDraft'

interface Props {
  text: string
  label: string
  placeholder: string
  isLine?: boolean
  canEdit: boolean
  /** It is to be written in now. */
  isAsked?: boolean
  onOpen?: () => void
  onWrite: (text: string) => void
}

/** Text that is written in place: double click, or Enter. What is typed is kept however it ends. */
export function Written(props: Props) {
  const { text, label, placeholder, isLine = false, canEdit, isAsked = false } = props
  const { onOpen, onWrite } = props
  const [isOpen, setOpen] = useState(false)
  const draft = useDraft(text, onWrite)
  const field = useRef<HTMLTextAreaElement>(null)
  const display = useRef<HTMLButtonElement>(null)
  /** The keyboard was in it when it was closed, and stays here. */
  const isKeyed = useRef(false)
  useEffect(() => {
    if (!isAsked) return
    setOpen(true)
    onOpen?.()
  }, [isAsked, onOpen])
  useEffect(() => {
    const { current: open } = field
    if (isKeyed.current) display.current?.focus({ preventScroll: true })
    isKeyed.current = false
    if (!isOpen || !open) return
    open.focus()
    // A new title replaces the old one, a note is continued.
    open.setSelectionRange(isLine ? 0 : open.value.length, open.value.length)
  }, [isOpen, isLine])
  if (!isOpen)
    return (
      <button
        ref={display}
        type="button"
        className={`written${text ? '' : ' is-blank'}`}
        dir="auto"
        aria-label={canEdit ? `${label}: ${text || placeholder}. Edit` : `${label}: ${text}`}
        onDoubleClick={() => canEdit && setOpen(true)}
        onKeyDown={(event) => {
          if (pressedKey(event) !== 'Enter' || !canEdit) return
          event.preventDefault()
          event.stopPropagation()
          setOpen(true)
        }}
      >
        {text || placeholder}
      </button>
    )
  return (
    <textarea
      ref={field}
      className="written stays-put"
      aria-label={label}
      rows={isLine ? 1 : 3}
      maxLength={isLine ? 120 : 4000}
      dir="auto"
      value={draft.text}
      onChange={({ target: { value } }) => draft.onText(isLine ? value.replace(/\n/g, ' ') : value)}
      onFocus={draft.onFocus}
      onBlur={() => {
        draft.onBlur()
        setOpen(false)
      }}
      onKeyDown={(event) => {
        event.stopPropagation()
        const key = pressedKey(event)
        const isDone = key === 'Enter' && (isLine || event.ctrlKey || event.metaKey)
        if (key !== 'Escape' && !isDone) return
        isKeyed.current = true
        event.currentTarget.blur()
      }}
    />
  )
}
