import { type KeyboardEvent, useId, useState } from 'react'
import { pressedKey } from '../../../frame/press'
import { readTime, stepFrames, timecode } from './time'

interface Props {
  label: string
  value: number
  /** It was never set: nothing but the placeholder is shown. */
  isUnset?: boolean
  rate: number
  /** Called with a time that was typed and could be read, also with the one there is. */
  onChange: (time: number) => void
  onEnd?: () => void
}

/** A time that is typed, as "1:02.5" or "62.5"; the arrow keys go by a frame or a second. */
export function TimeField({ label, value, isUnset = false, rate, onChange, onEnd }: Props) {
  const id = useId()
  const [text, setText] = useState<string | null>(null)
  const isWrong = text !== null && text.trim() !== '' && readTime(text) === null
  const commit = () => {
    const time = text === null ? null : readTime(text)
    setText(null)
    if (time !== null) onChange(time)
    onEnd?.()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const key = pressedKey(event)
    if (key === 'Enter') {
      event.preventDefault()
      commit()
      return
    }
    const way = { ArrowUp: 1, ArrowDown: -1 }[key]
    if (!way) return
    event.preventDefault()
    setText(null)
    onChange(event.shiftKey ? Math.max(0, value + way) : stepFrames(value, way, rate))
  }
  return (
    <span className="time-field">
      <label htmlFor={id}>{label}</label>
      <input
        className="input num"
        id={id}
        autoComplete="off"
        spellCheck={false}
        value={text ?? (isUnset ? '' : timecode(value))}
        placeholder={timecode(value)}
        aria-invalid={isWrong || undefined}
        aria-describedby={isWrong ? `${id}p` : undefined}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={onKeyDown}
      />
      {isWrong && (
        <span className="help help-bad" id={`${id}p`} role="status">
          Use a time such as 1:02.5 or 62.5.
        </span>
      )}
    </span>
  )
}
