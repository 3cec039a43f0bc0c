import {
  type FormEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { pressedKey } from '../frame/press'

const LENGTH = 2_000

interface Props {
  /** The button's label. */
  label: string
  placeholder?: string
  text?: string
  /** The words stay where this fails, with why. */
  onSend: (text: string) => Promise<unknown>
  onCancel?: () => void
  /** Takes the focus. */
  isFirst?: boolean
  /** Further buttons of its row. */
  children?: ReactNode
}

/** Words of a comment. Enter makes a new line; with Ctrl or ⌘ it sends. */
export function WriteForm(props: Props) {
  const { label, placeholder, text = '', onSend, onCancel, isFirst, children } = props
  const [words, setWords] = useState(text)
  const [problem, setProblem] = useState('')
  const [isBusy, setBusy] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  useEffect(() => {
    if (isFirst) field.current?.focus()
  }, [isFirst])
  const send = async (event?: FormEvent) => {
    event?.preventDefault()
    if (words.trim() === '' || isBusy) return
    setBusy(true)
    setProblem('')
    try {
      await onSend(words)
      setWords('')
    } catch (failure) {
      setProblem((failure as Error).message)
    } finally {
      setBusy(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const key = pressedKey(event)
    if (key === 'Enter' && (event.ctrlKey || event.metaKey)) void send()
    else if (key === 'Escape' && onCancel) {
      event.preventDefault()
      event.stopPropagation()
      onCancel()
    }
  }
  return (
    <form className="comment-form" onSubmit={send}>
      <textarea
        ref={field}
        className="input"
        rows={2}
        maxLength={LENGTH}
        dir="auto"
        aria-label={placeholder ?? (label === 'Reply' ? 'Reply' : 'Comment')}
        aria-describedby={problem ? id : undefined}
        placeholder={placeholder}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {problem && (
        <p className="help help-bad" id={id} role="alert">
          {problem}
        </p>
      )}
      <div className="row">
        {children ?? <span className="grow" />}
        {onCancel && (
          <button type="button" className="btn btn-s btn-bare" onClick={onCancel}>
            Cancel
          </button>
        )}
        <button
          type="submit"
          className="btn btn-s btn-ink"
          disabled={isBusy || words.trim() === ''}
        >
          {label}
        </button>
      </div>
    </form>
  )
}
