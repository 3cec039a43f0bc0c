import { Check, RotateCw } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Candidate, Turn } from '../../api/schema'
import { pickOf, stepOf } from '../../run/shared/gridKeys'
import { NamedJob } from '../../run/shared/NamedJob'
import { pickWords, wrongWith } from '../../run/shared/picking'

const LONGEST = 20_000

export interface KindProps {
  turn: Turn
}

/** Choose among files: with the pointer, with 1 to 9, with the arrows and Space. */
export function Selection({ turn }: KindProps) {
  const grid = useRef<HTMLUListElement>(null)
  const [order, setOrder] = useState<readonly string[]>(turn.picked)
  const { least, most, candidates } = turn
  const picks = () => [
    ...(grid.current?.querySelectorAll<HTMLInputElement>('input[name="pick"]') ?? []),
  ]
  const recount = () => {
    const ids = picks().flatMap((pick) => (pick.checked ? [pick.value] : []))
    setOrder((before) => inOrder(before, ids))
  }
  useEffect(() => {
    const form = grid.current?.closest('form')
    // A form has its boxes in the order of the page, however it is sent.
    const send = ({ formData }: FormDataEvent) => {
      formData.delete('pick')
      for (const id of order) formData.append('pick', id)
    }
    form?.addEventListener('formdata', send)
    return () => form?.removeEventListener('formdata', send)
  }, [order])
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const all = picks()
    const here = all.indexOf(event.target as HTMLInputElement)
    const [pick, step] = [pickOf(event, all.length), stepOf(event)]
    if (pick !== null) {
      all[pick]?.focus()
      all[pick]?.click()
      // Radio buttons have arrows of their own.
    } else if (step !== null && here >= 0 && all[here]?.type !== 'radio')
      all[(here + step + all.length) % all.length]?.focus()
    else return
    event.preventDefault()
  }
  const isSingle = least === 1 && most === 1
  const problem = wrongWith(order.length, least, most)
  const send = isSingle ? 'Use this' : least === most ? `Use these ${most}` : 'Use these'
  return (
    <>
      <ul
        className="picks"
        aria-labelledby={`turn-${turn.id}`}
        ref={grid}
        onKeyDown={onKeyDown}
        onInput={recount}
      >
        {candidates.map((one) => (
          <Choice
            key={one.id}
            one={one}
            type={isSingle ? 'radio' : 'checkbox'}
            isPicked={turn.picked.includes(one.id)}
            place={isSingle ? 0 : order.indexOf(one.id) + 1}
          />
        ))}
      </ul>
      <div className="turn-do">
        <button
          className="btn btn-l btn-wait"
          type="submit"
          name="do"
          value="select"
          aria-disabled={problem !== null}
          title={problem ?? ''}
        >
          <Check className="i" aria-hidden />
          {send}
        </button>
        <p className="turn-count num" data-count="" aria-live="polite">
          {pickWords(order.length, least, most)}
        </p>
      </div>
    </>
  )
}

/** Return the checked ids: in the order of before, then the new ones. */
function inOrder(before: readonly string[], checked: readonly string[]): readonly string[] {
  return [...new Set([...before.filter((id) => checked.includes(id)), ...checked])]
}

/** place: from 1 among several that are chosen, or 0. */
interface ChoiceProps {
  one: Candidate
  type: 'radio' | 'checkbox'
  isPicked: boolean
  place: number
}

function Choice({ one, type, isPicked, place }: ChoiceProps) {
  const name = place > 0 ? `${one.label}, choice ${place}` : undefined
  const input = { type, name: 'pick', value: one.id, defaultChecked: isPicked, 'aria-label': name }
  const isSound = one.kind === 'audio'
  if (one.kind === 'image' || one.kind === 'model')
    return (
      <li className={`pick pick-${one.kind}`}>
        <label>
          <input {...input} />
          <img src={one.posterUrl ?? one.url} alt={one.label} />
          <span className="pick-mark">
            {place > 0 ? place : <Check className="i i-12" aria-hidden />}
          </span>
        </label>
      </li>
    )
  const player = { src: one.url, controls: true, preload: 'metadata', 'aria-label': one.label }
  return (
    <li className={`pick pick-${one.kind}`}>
      {isSound ? <audio {...player} /> : <video {...player} playsInline />}
      <label className="pick-bar">
        <input className="check" {...input} />
        {one.label}
        {place > 0 && <span className="pick-mark">{place}</span>}
      </label>
    </li>
  )
}

/** A question, or a stage that a person does, in words. */
export function TextForm({ turn }: KindProps) {
  const isQuestion = turn.kind === 'question'
  return (
    <>
      <div className="field">
        <label htmlFor={`text-${turn.id}`}>Your answer</label>
        <textarea
          className="input"
          id={`text-${turn.id}`}
          name="text"
          rows={3}
          maxLength={LONGEST}
          required={isQuestion}
          aria-invalid={turn.problem ? true : undefined}
          dir="auto"
          defaultValue={turn.typed}
        />
      </div>
      <div className="turn-do">
        <button
          className="btn btn-l btn-wait"
          type="submit"
          name="do"
          value={isQuestion ? 'answer' : 'complete'}
        >
          <Check className="i" aria-hidden />
          Send
        </button>
      </div>
    </>
  )
}

/** A stage is done and waits to be approved. */
export function Gate({ turn }: KindProps) {
  return (
    <>
      {turn.candidates.length > 0 && (
        <ul className="looks" aria-label="Results">
          {turn.candidates.map((one) => (
            <li key={one.id}>
              <Look one={one} />
            </li>
          ))}
        </ul>
      )}
      <div className="turn-do">
        <button className="btn btn-l btn-wait" type="submit" name="do" value="approve">
          <Check className="i" aria-hidden />
          Approve
        </button>
        {!turn.asksOnly && (
          <button className="btn btn-bad" type="submit" name="do" value="cancel">
            Stop the run
          </button>
        )}
      </div>
      {!turn.asksOnly && <Redo turn={turn} />}
    </>
  )
}

function Look({ one }: { one: Candidate }) {
  const player = { src: one.url, controls: true, preload: 'metadata', 'aria-label': one.label }
  if (one.kind === 'video') return <video {...player} playsInline />
  if (one.kind === 'audio') return <audio {...player} />
  return <img src={one.posterUrl ?? one.url} alt={one.label} />
}

function Redo({ turn }: KindProps) {
  return (
    <details className="turn-redo">
      <summary>
        <RotateCw className="i" aria-hidden />
        {turn.words.length > 0 ? 'Change the prompt and redo' : 'Redo'}
      </summary>
      {turn.words.map(({ name, label, value }) => (
        <div className="field" key={name}>
          <label htmlFor={`words-${turn.id}-${name}`} dir="auto">
            {label}
          </label>
          <textarea
            className="input"
            id={`words-${turn.id}-${name}`}
            name={`words.${name}`}
            rows={3}
            maxLength={LONGEST}
            placeholder={value ? undefined : 'Leave empty to keep the prompt'}
            dir="auto"
            defaultValue={value}
          />
        </div>
      ))}
      <button className="btn" type="submit" name="do" value="redo">
        <RotateCw className="i" aria-hidden />
        Redo
      </button>
    </details>
  )
}

/** A provider waits for a person. */
export function Hold({ turn }: KindProps) {
  return (
    <>
      {turn.job && <NamedJob job={turn.job} name={turn.id} />}
      <div className="turn-do">
        <button className="btn btn-l btn-wait" type="submit" name="do" value="approve">
          <Check className="i" aria-hidden />
          {turn.approve}
        </button>
        <button className="btn btn-bad" type="submit" name="do" value="reject">
          {turn.decline}
        </button>
      </div>
    </>
  )
}
