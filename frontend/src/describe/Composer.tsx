import {
  CornerDownLeft,
  LoaderCircle,
  MessageCircleQuestionMark,
  Sparkles,
  Square,
  TriangleAlert,
  X,
} from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useId, useRef, useState } from 'react'
import { shownKey } from '../editor/shownKey'
import { useEditor } from '../editor/store'
import { ask, chosenStages, firstBrief, stop, write } from './asking'
import { recentBriefs } from './briefs'
import { describing, useDescribe } from './store'

/** Texts to begin with: the chip, and the text it writes. */
const EXAMPLES = [
  [
    'Product teaser',
    'A 12 second teaser for a glass perfume bottle: 3 shots, neon rim light, 16:9, with slow synth music.',
  ],
  [
    'Short story',
    'An old fisherman lights the lamp of a lighthouse at dusk. A storm comes in. At dawn the sea is calm. With a narrator.',
  ],
  ['From a photo', 'Turn my photo into a moving portrait of 5 seconds, 9:16, then upscale it.'],
] as const

interface Props {
  /** "Describe it", "Change it", "Try again". */
  verb: string
  /** It has the keyboard as soon as it is there. */
  isFocused?: boolean
  onClose?: () => void
}

/** A box for a brief, as chats have one, and what becomes of it. */
export function Composer({ verb, isFocused = false, onClose }: Props) {
  const id = useId()
  const brief = useDescribe((state) => state.brief)
  const isAsking = useDescribe((state) => state.since !== null)
  const problem = useDescribe((state) => state.problem)
  const isQuestion = useDescribe((state) => state.isQuestion)
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const box = useRef<HTMLTextAreaElement>(null)
  const recent = useRecentBriefs(isAsking)
  useEffect(() => {
    if (describing().brief === '') useDescribe.setState({ brief: firstBrief() })
    if (!isFocused) return
    box.current?.focus()
    // An earlier wish is kept, and gone with the first letter of another.
    box.current?.select()
  }, [isFocused])
  useEffect(() => {
    const at = document.activeElement
    if (!problem || isAsking || !box.current) return
    // The button that asked is gone; nothing else gives up the keys.
    if (at === document.body || at?.closest('.describe')) give(box.current, isQuestion)
  }, [problem, isAsking, isQuestion])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves it from anywhere within.
    <div
      className="describe"
      data-own-keys=""
      data-own-pointer=""
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        event.stopPropagation()
        if (describing().since !== null) stop()
        else if (onClose) onClose()
        else document.getElementById('main')?.focus()
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        {isBlank ? 'What should it make?' : 'What should change?'}
      </label>
      <textarea
        ref={box}
        id={id}
        className="input"
        rows={3}
        maxLength={20_000}
        value={brief}
        readOnly={isAsking}
        placeholder={
          isBlank
            ? 'A 10 second video of a fishing boat coming home, 3 shots, with music'
            : 'Make it 9:16 and add subtitles'
        }
        aria-describedby={problem ? `${id}-problem` : undefined}
        aria-invalid={problem && !isQuestion ? true : undefined}
        onFocus={(event) => isAnswered() && event.currentTarget.select()}
        onMouseDown={selectAnswered}
        onChange={(event) => {
          recent.leave()
          write(event.target.value)
        }}
        onKeyDown={recent.onKeyDown}
      />
      {problem && (
        <p className={isQuestion ? 'note' : 'note note-bad'} role="alert" id={`${id}-problem`}>
          {isQuestion ? (
            <MessageCircleQuestionMark className="i" aria-hidden />
          ) : (
            <TriangleAlert className="i" aria-hidden />
          )}
          <span>{problem}</span>
        </p>
      )}
      {!isBlank && <Chosen />}
      {isBlank && !isAsking && !onClose && <Examples onChosen={() => box.current?.focus()} />}
      <footer>
        {isAsking ? <Progress /> : <span className="grow help">1 credit</span>}
        <Ask verb={verb} isAsking={isAsking} />
      </footer>
    </div>
  )
}

/** Return true if the box's words were answered: others would only follow them by mistake. */
function isAnswered(): boolean {
  const { brief, answered } = describing()
  return brief !== '' && brief === answered
}

/** The first press selects words that were answered; the next one puts the caret where it is. */
function selectAnswered(event: MouseEvent<HTMLTextAreaElement>): void {
  if (!isAnswered() || document.activeElement === event.currentTarget) return
  event.preventDefault()
  event.currentTarget.focus()
}

/** Give the box the keys. isQuestion: words that answer it go behind those that are there. */
function give(box: HTMLTextAreaElement, isQuestion: boolean): void {
  box.focus()
  if (isQuestion) box.setSelectionRange(box.value.length, box.value.length)
  else box.select()
}

/** The arrow keys walk through what was asked lately, as in a shell; Ctrl and Enter asks. */
function useRecentBriefs(isAsking: boolean) {
  // How far back in what was asked lately; -1: what is being written now.
  const back = useRef(-1)
  const travel = (by: 1 | -1) => {
    const briefs = recentBriefs()
    const next = back.current + by
    if (next < -1 || next >= briefs.length) return
    back.current = next
    write(briefs[next] ?? '')
  }
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { selectionStart, selectionEnd, value } = event.currentTarget
    const isAtStart = selectionStart === 0 && selectionEnd === 0
    const isWalking = back.current >= 0
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (!isAsking) void ask()
    } else if (event.key === 'ArrowUp' && (value === '' || isAtStart || isWalking)) travel(1)
    else if (event.key === 'ArrowDown' && isWalking) travel(-1)
    else return
    event.preventDefault()
  }
  return {
    onKeyDown,
    leave: () => {
      back.current = -1
    },
  }
}

function Examples({ onChosen }: { onChosen: () => void }) {
  return (
    <ul className="describe-examples" aria-label="Examples">
      {EXAMPLES.map(([title, text]) => (
        <li key={title}>
          <button
            type="button"
            className="chip"
            title={text}
            onClick={() => {
              write(text)
              onChosen()
            }}
          >
            {title}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Ask({ verb, isAsking }: { verb: string; isAsking: boolean }) {
  return isAsking ? (
    <button type="button" className="btn btn-bad" onClick={stop}>
      <Square className="i i-12 i-fill" aria-hidden />
      Stop
    </button>
  ) : (
    <button type="button" className="btn btn-ink" onClick={() => void ask()}>
      <Sparkles className="i i-14" aria-hidden />
      {verb}
      <kbd>
        {shownKey('Ctrl')} <CornerDownLeft className="i i-12" aria-label="Enter" />
      </kbd>
    </button>
  )
}

/** The stages that "it" and "these" mean. */
function Chosen() {
  const count = useEditor(({ selection, doc }) => {
    return doc.stages.order.filter((key) => selection.has(key)).length
  })
  const hasSelection = useDescribe((state) => state.hasSelection)
  if (count === 0 || !hasSelection) return null
  const [only] = chosenStages()
  return (
    <p className="describe-chosen">
      <span className="pill">
        {count === 1 && only !== undefined ? <Title node={only} /> : `${count} stages selected`}
        <button
          type="button"
          aria-label="Don't limit it to the selection"
          title="Don't limit it to the selection"
          onClick={() => useDescribe.setState({ hasSelection: false })}
        >
          <X className="i i-12" aria-hidden />
        </button>
      </span>
    </p>
  )
}

function Title({ node }: { node: string }) {
  const title = useEditor((state) => state.wiring.nodes.get(node)?.title ?? node)
  return <span className="clip">{title}</span>
}

/** The time since the request; people are told once, the clock is for the eyes. */
function Progress() {
  const since = useDescribe((state) => state.since)
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const seconds = since === null ? 0 : Math.max(0, Math.round((now - since) / 1_000))
  return (
    <p className="grow describe-progress">
      <LoaderCircle className="i i-14 spin" aria-hidden />
      <span role="status">Drafting</span>
      <span className="num" aria-hidden>
        {seconds} s
      </span>
    </p>
  )
}
