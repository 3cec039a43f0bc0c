import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import type { MediaKind } from '../../api/schema'
import { KIND_NAMES } from '../../graph/kinds'
import { type Picked, titleOfMedium } from './picked'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  /** The number of presses of its tab: each puts the keyboard into the field. */
  presses: number
  onPick: (picked: Picked) => void
}

/** A file on the web, which each run downloads. */
export function FromAddress({ kind, presses, onPick }: Props) {
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [problem, setProblem] = useState('')
  useEffect(() => {
    if (presses > 0) field.current?.focus()
  }, [presses])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    const message = addressProblem(text.trim())
    setProblem(message)
    if (message !== '') field.current?.focus()
    else onPick({ value: text.trim(), title: titleOfMedium(text.trim()) })
  }
  return (
    <form className="field" noValidate onSubmit={submit}>
      <label htmlFor={id}>{KIND_NAMES[kind]} URL</label>
      <input
        ref={field}
        className="input"
        id={id}
        type="url"
        inputMode="url"
        placeholder="https://"
        value={text}
        aria-describedby={`${id}h`}
        aria-invalid={problem !== '' || undefined}
        onChange={(event) => setText(event.target.value)}
      />
      <p className={`help${problem ? ' help-bad' : ''}`} id={`${id}h`}>
        {problem || "Must start with https:// and stay online. It's downloaded for each run."}
      </p>
      <div className="row">
        <button type="submit" className="btn btn-ink">
          Use this URL
        </button>
      </div>
    </form>
  )
}

/** Return the problem of an address, or "". */
export function addressProblem(text: string): string {
  if (text === '') return 'Enter a URL.'
  let address: URL
  try {
    address = new URL(text)
  } catch {
    return 'Enter a URL that starts with https://.'
  }
  if (address.protocol !== 'https:') return 'Only https:// URLs work.'
  if (address.username || address.password) return 'Remove the password from the URL.'
  return ''
}
