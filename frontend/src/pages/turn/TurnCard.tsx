import { CircleAlert, Smartphone } from 'lucide-react'
import { type FormEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Turn } from '../../api/schema'
import type { Reply } from '../../run/shared/replies'
import { CsrfToken } from '../parts/CsrfToken'
import { Gate, Hold, Selection, TextForm } from './kinds'
import type { Link, PhoneLink } from './PhoneLink'
import { replyOf } from './replyOf'

interface Props {
  turn: Turn
  action: string
  /** Sends an answer; without it, the browser sends the form. False: it was not taken. */
  onReply?: (reply: Reply) => Promise<void>
  /** The page has another heading than the question. */
  isPart?: boolean
  /** The address that makes a link for a phone, and the function that asks it. */
  link?: { address: string; make: () => Promise<Link | null> }
}

/** One question with its answers: a form that works without scripts, too. */
export function TurnCard({ turn, action, onReply, isPart = !turn.asksOnly, link }: Props) {
  const form = useRef<HTMLFormElement>(null)
  const isSending = useRef(false)
  const [phoneLink, setPhoneLink] = useState<{ link: Link; Shown: typeof PhoneLink } | null>(null)
  useLayoutEffect(() => {
    const element = form.current
    // Whoever typed here goes on at the top of the page when the question is gone.
    return () => {
      if (element?.contains(document.activeElement))
        document.getElementById('main')?.focus({ preventScroll: true })
    }
  }, [])
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    const { submitter } = event.nativeEvent as SubmitEvent
    const isBlocked = submitter?.getAttribute('aria-disabled') === 'true'
    if (!isBlocked && !onReply) return
    event.preventDefault()
    if (isBlocked || isSending.current || !(submitter instanceof HTMLButtonElement)) return
    isSending.current = true
    if (submitter.hasAttribute('formaction')) setPhoneLink(await shownLink(link?.make))
    else {
      const reply = form.current && replyOf(turn, form.current, submitter.value)
      if (reply) await onReply?.(reply)
    }
    isSending.current = false
  }
  const Heading = isPart ? 'h2' : 'h1'
  return (
    <form
      ref={form}
      className={turn.isWide ? 'turn turn-wide' : 'turn'}
      method="post"
      action={action}
      data-turn={turn.id}
      data-asked-by={turn.step}
      aria-labelledby={`turn-${turn.id}`}
      onSubmit={(event) => void submit(event)}
    >
      <CsrfToken />
      <input type="hidden" name="wait" value={turn.id} />
      <div className="turn-ask">
        {isPart && (
          <span className="pill pill-wait">
            <span className="dot" />
            Your turn
          </span>
        )}
        {turn.place && (
          <p className="faint" dir="auto">
            {turn.place}
          </p>
        )}
        <Heading className="turn-what" id={`turn-${turn.id}`} dir="auto">
          {turn.heading}
        </Heading>
        {turn.text && (
          <p className="turn-text" dir="auto">
            {turn.text}
          </p>
        )}
      </div>
      {turn.problem && (
        <p className="help help-bad turn-problem" role="alert">
          <CircleAlert className="i" aria-hidden />
          {turn.problem}
        </p>
      )}
      <Answers turn={turn} />
      {link && turn.canLink && (
        <div className="turn-phone">
          <button
            className="btn btn-s btn-bare"
            type="submit"
            formAction={link.address}
            formNoValidate
          >
            <Smartphone className="i" aria-hidden />
            Answer on your phone
          </button>
          <div>
            {phoneLink && <phoneLink.Shown key={phoneLink.link.url} link={phoneLink.link} />}
          </div>
        </div>
      )}
    </form>
  )
}

/** Few ask for one: what shows it comes along. */
async function shownLink(make: (() => Promise<Link | null>) | undefined) {
  const [link, module] = await Promise.all([make?.(), import('./PhoneLink')])
  return link ? { link, Shown: module.PhoneLink } : null
}

function Answers({ turn }: { turn: Turn }) {
  switch (turn.kind) {
    case 'selection':
      return <Selection turn={turn} />
    case 'gate':
      return <Gate turn={turn} />
    case 'hold':
      return <Hold turn={turn} />
    default:
      return <TextForm turn={turn} />
  }
}
