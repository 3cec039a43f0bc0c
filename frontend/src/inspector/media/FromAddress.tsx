import { type FormEvent, useId, useState } from 'react'
import type { MediaKind } from '../../types'
import { type Picked, titleOfMedium } from './picked'
import { KIND_WORDS } from './uploading'

interface Props {
  kind: Exclude<MediaKind, 'model'>
  onPick: (picked: Picked) => void
}

/** A medium that lies elsewhere; runs fetch it each time. */
export function FromAddress({ kind, onPick }: Props) {
  const id = useId()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    const said = addressProblem(text.trim())
    setProblem(said)
    if (said === '') onPick({ value: text.trim(), title: titleOfMedium(text.trim()) })
  }
  return (
    <form className="field" noValidate onSubmit={submit}>
      <label htmlFor={id}>Address of the {KIND_WORDS[kind]}</label>
      <input
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
      <p className="help" id={`${id}h`}>
        {problem || 'It begins with https. Runs fetch it each time, so it must stay there.'}
      </p>
      <div className="row">
        <button type="submit" className="btn btn-ink">
          Use this address
        </button>
      </div>
    </form>
  )
}

/** What is wrong with an address, or "". */
export function addressProblem(text: string): string {
  if (text === '') return 'Write an address first.'
  let address: URL
  try {
    address = new URL(text)
  } catch {
    return 'This is no address. It begins with https://.'
  }
  if (address.protocol !== 'https:') return 'Only https addresses can be fetched.'
  if (address.username || address.password) return 'An address with a password is not kept.'
  return ''
}
