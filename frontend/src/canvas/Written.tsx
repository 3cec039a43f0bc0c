import { useEffect, useRef, useState } from 'react'

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

/** Text that is written in place: double click, or Enter; Escape takes it back. */
export function Written(props: Props) {
  const { text, label, placeholder, isLine = false, canEdit, isAsked = false } = props
  const { onOpen, onWrite } = props
  const [draft, setDraft] = useState<string | null>(null)
  const field = useRef<HTMLTextAreaElement>(null)
  const isOpen = draft !== null
  useEffect(() => {
    if (!isAsked) return
    setDraft((now) => now ?? text)
    onOpen?.()
  }, [isAsked, text, onOpen])
  useEffect(() => {
    if (!isOpen) return
    field.current?.focus()
    field.current?.select()
  }, [isOpen])
  const close = (isKept: boolean) => {
    if (isKept && draft !== null && draft !== text) onWrite(draft)
    setDraft(null)
  }
  if (!isOpen)
    return (
      <button
        type="button"
        className={`written${text ? '' : ' is-blank'}`}
        aria-label={canEdit ? `${label}: ${text || placeholder}. Edit` : `${label}: ${text}`}
        onDoubleClick={() => canEdit && setDraft(text)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !canEdit) return
          event.preventDefault()
          event.stopPropagation()
          setDraft(text)
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
      value={draft}
      onChange={(event) =>
        setDraft(isLine ? event.target.value.replace(/\n/g, ' ') : event.target.value)
      }
      onBlur={() => close(true)}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Escape') close(false)
        if (event.key === 'Enter' && (isLine || event.ctrlKey || event.metaKey)) close(true)
      }}
    />
  )
}
