import {
  CornerDownLeft,
  LoaderCircle,
  MessageCircleQuestionMark,
  Sparkles,
  Square,
  TriangleAlert,
} from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { shownKey } from '../editor/shownKey'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { Note } from '../parts/Note'
import { SELECTING } from '../parts/selecting'
import { useNow } from '../run/shared/useNow'
import { ask, firstBrief, stop, write } from './asking'
import { recentBriefs } from './briefs'
import { Controls, useChosen } from './Controls'
import { Nearest } from './Nearest'
import { Chip } from './PlanControl'
import { describing, useDescribe } from './store'

/** Texts to begin with: the chip, and the text it writes. */
const EXAMPLES = [
  [
    'Product teaser',
    'A 12-second teaser, 3 shots, 16:9, with slow synth music: a glass perfume bottle in neon rim light',
  ],
  [
    'Short story',
    'An old fisherman lights the lamp of a lighthouse at dusk\nA storm comes in\nAt dawn the sea is calm\nwith a narrator',
  ],
  ['From a photo', 'Animate my photo, 5 seconds, 9:16, then upscale it'],
] as const

interface Props {
  /** "Describe it", "Change it", "Try again". */
  verb: string
  /** It has the keyboard as soon as it is there. */
  isFocused?: boolean
  onClose?: () => void
}

/** A box for a brief, as chats have one; for a change also controls; and what becomes of it. */
export function Composer({ verb, isFocused = false, onClose }: Props) {
  const id = useId()
  const { brief, controls, since, problem, isQuestion } = useDescribe()
  const isAsking = since !== null
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const hasModel = useEditor(({ boot }) => boot.hasLanguageModel)
  const isSet = !isBlank && Object.keys(controls).length > 0
  const isStart = isBlank && !isAsking && !onClose
  const all = useRef<HTMLDivElement>(null)
  const recent = useRecentBriefs()
  useEffect(() => {
    if (describing().brief === '') useDescribe.setState({ brief: firstBrief() })
    // An earlier wish is kept, and gone with the first letter of another.
    if (isFocused) giveKeys(all.current, false)
  }, [isFocused])
  useEffect(() => {
    const at = document.activeElement
    // The button that asked is gone; nothing else gives up the keys.
    if (problem && !isAsking && (at === document.body || at?.closest('.describe')))
      giveKeys(all.current, isQuestion)
  }, [problem, isAsking, isQuestion])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves it from anywhere within.
    <div
      ref={all}
      className="describe"
      data-own-keys=""
      data-own-pointer=""
      onKeyDown={(event) => {
        if (event.defaultPrevented) return
        const key = pressedKey(event)
        const asks = key === 'Enter' && (event.ctrlKey || event.metaKey)
        if (!asks && key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        if (asks) isAsking || void ask()
        else if (isAsking) stop()
        else if (onClose) onClose()
        else document.getElementById('main')?.focus()
      }}
    >
      {isBlank || hasModel ? (
        <textarea
          className="input"
          aria-label={isBlank ? 'What should it make?' : 'What should change?'}
          rows={3}
          maxLength={20_000}
          dir="auto"
          value={brief}
          readOnly={isAsking}
          placeholder={
            isBlank
              ? 'A 10 second video of a fishing boat coming home, 3 shots, with music'
              : 'Make it 9:16 and add subtitles'
          }
          aria-describedby={problem ? id : undefined}
          aria-invalid={problem && !isQuestion ? true : undefined}
          onFocus={(event) => isAnswered() && SELECTING.onFocus(event)}
          onMouseDown={(event) => isAnswered() && SELECTING.onMouseDown(event)}
          onChange={(event) => {
            recent.leave()
            write(event.target.value)
          }}
          onKeyDown={recent.onKeyDown}
        />
      ) : (
        <NoModel />
      )}
      {!isBlank && <Chosen />}
      {!isBlank && <Controls isFolded={hasModel} />}
      {problem && (
        <Note
          icon={isQuestion ? MessageCircleQuestionMark : TriangleAlert}
          look={isQuestion ? '' : 'note-bad'}
          role="alert"
          id={id}
        >
          {problem}
        </Note>
      )}
      {isStart && <Examples onChosen={() => giveKeys(all.current, true)} />}
      <footer>
        {since !== null ? (
          <>
            <Progress since={since} />
            <button type="button" className="btn btn-bad" onClick={stop}>
              <Square className="i i-12 i-fill" aria-hidden />
              Stop
            </button>
          </>
        ) : (
          <>
            <span className="grow help">{hasModel && !isSet && '1 credit'}</span>
            <button type="button" className="btn btn-ink" onClick={() => void ask()}>
              <Sparkles className="i i-14" aria-hidden />
              {verb}
              <kbd>
                {shownKey('Ctrl')} <CornerDownLeft className="i i-12" aria-label="Enter" />
              </kbd>
            </button>
          </>
        )}
      </footer>
      {isStart && <Nearest brief={brief} />}
    </div>
  )
}

/** Return true if the box's words were answered: others would only follow them by mistake. */
function isAnswered(): boolean {
  const { brief, answered } = describing()
  return brief !== '' && brief === answered
}

/** Give the box the keys, or the first control. isMore: more words go behind those that are there. */
function giveKeys(all: HTMLElement | null, isMore: boolean): void {
  const first = all?.querySelector<HTMLElement>('textarea, select')
  first?.focus()
  if (!(first instanceof HTMLTextAreaElement)) return
  if (isMore) first.setSelectionRange(first.value.length, first.value.length)
  else first.select()
}

/** In place of the box where nothing reads sentences. */
function NoModel() {
  const isOperator = useEditor(({ boot }) => boot.isOperator)
  return (
    <p className="help">
      Sentences need a language model.{' '}
      {isOperator && (
        <a className="link" href="/admin/providers#language-model">
          Look for models on this machine
        </a>
      )}
    </p>
  )
}

/** The arrow keys walk through what was asked lately, as in a shell. */
function useRecentBriefs() {
  // How far back in what was asked lately; -1: what is being written now.
  const back = useRef(-1)
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { selectionEnd, value } = event.currentTarget
    const isWalking = back.current >= 0
    const key = pressedKey(event)
    const isUp = key === 'ArrowUp' && (isWalking || value === '' || selectionEnd === 0)
    if (!isUp && !(key === 'ArrowDown' && isWalking)) return
    event.preventDefault()
    const briefs = recentBriefs()
    const next = back.current + (isUp ? 1 : -1)
    if (next >= briefs.length) return
    back.current = next
    write(briefs[next] ?? '')
  }
  const leave = () => {
    back.current = -1
  }
  return { onKeyDown, leave }
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

/** The stages that "it" and "these" mean. */
function Chosen() {
  const [first = '', ...others] = useChosen()
  const title = useEditor(({ wiring }) => wiring.nodes.get(first)?.title ?? first)
  if (first === '') return null
  const words =
    others.length > 0 ? (
      `${others.length + 1} stages selected`
    ) : (
      <span className="clip">{title}</span>
    )
  return (
    <p className="describe-chosen">
      <Chip
        words={words}
        name="Don't limit it to the selection"
        onRemove={() => useDescribe.setState({ hasSelection: false })}
      />
    </p>
  )
}

/** The time since the request; people are told once, the clock is for the eyes. */
function Progress({ since }: { since: number }) {
  const seconds = Math.max(0, Math.round((useNow(true) - since) / 1_000))
  return (
    <p className="grow row describe-progress">
      <LoaderCircle className="i i-14 spin" aria-hidden />
      <span role="status">Drafting</span>
      <span className="num" aria-hidden>
        {seconds} s
      </span>
    </p>
  )
}
