import { useEffect, useRef, useState } from 'react'
import { pressedKey } from '../../frame/press'
import type { AskProps } from './answers'
import { Stop } from './Stop'

const LONGEST = 20_000
/** Answers being written, by question: a popover that is closed loses nothing. */
const drafts = new Map<string, string>()

/** A question in words. */
export function Question({ wait, isBusy, onReply }: AskProps) {
  const [text, setText] = useState(drafts.get(wait.id) ?? '')
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    if (field.current?.closest('dialog')) field.current.focus()
  }, [])
  const isBlank = text.trim() === ''
  const send = () => {
    if (isBlank) field.current?.focus()
    else onReply({ type: 'text', text: text.trim() })
  }
  return (
    <>
      <p className="answer-asks" id={`asks-${wait.id}`} dir="auto">
        {wait.message || 'Your answer?'}
      </p>
      <textarea
        ref={field}
        className="input"
        rows={3}
        maxLength={LONGEST}
        aria-label="Your answer"
        aria-describedby={`asks-${wait.id}`}
        dir="auto"
        placeholder="Your answer"
        value={text}
        onChange={(event) => {
          drafts.set(wait.id, event.target.value)
          setText(event.target.value)
        }}
        onKeyDown={(event) => {
          if (pressedKey(event) !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          event.stopPropagation()
          send()
        }}
      />
      <div className="answer-actions">
        <Stop isBusy={isBusy} onReply={onReply} />
        <button
          type="button"
          className="btn btn-wait"
          aria-busy={isBusy}
          aria-disabled={isBlank || undefined}
          title={isBlank ? 'Type an answer first' : 'Ctrl Enter'}
          onClick={send}
        >
          Answer
        </button>
      </div>
    </>
  )
}
