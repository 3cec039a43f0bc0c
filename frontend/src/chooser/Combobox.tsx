import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { pressedKey } from '../frame/press'

export interface Choice {
  readonly id: string
  readonly label: string
  readonly detail?: string
  /** A second line. */
  readonly note?: string
  /** More words to find it by. */
  readonly words?: string
  readonly icon?: ReactNode
  readonly isMarked?: boolean
}

interface Props {
  id?: string
  label: string
  placeholder?: string
  /** The text in the field while no one types. */
  value?: string
  /** Read when the list opens: finding sources is work. */
  choices: () => readonly Choice[]
  onChoose: (id: string) => void
  /** Free text is allowed: what was typed, on Enter or leaving. */
  onText?: (text: string) => void
  describedBy?: string | undefined
  isInvalid?: boolean
  empty?: string
  /** Select and order the choices that are listed; typing searches in these. */
  arrange?: (choices: readonly Choice[]) => readonly Choice[]
  /** Above the list while it is open, such as buttons for `arrange`. count: of those listed. */
  head?: (count: number) => ReactNode
}

/** Keep the typed text, the list while it is open, and the place of the keys in it. */
function useChoosing({ choices, onChoose, onText, arrange = (all) => all }: Props) {
  const [open, setOpen] = useState<readonly Choice[] | null>(null)
  const [text, setText] = useState<string | null>(null)
  const [at, setAt] = useState(-1)
  const list = useRef<HTMLDivElement>(null)
  const words = (text ?? '').trim().toLowerCase()
  const rows = arrange(open ?? []).filter((choice) => isFoundBy(choice, words))
  const active = rows[at]

  useEffect(() => {
    if (open) list.current?.parentElement?.scrollIntoView?.({ block: 'nearest' })
  }, [open])
  useEffect(() => {
    if (at >= 0) list.current?.children[at]?.scrollIntoView?.({ block: 'nearest' })
  }, [at])

  const show = () => {
    if (!open) setOpen(choices())
  }
  const close = () => {
    setOpen(null)
    setText(null)
    setAt(-1)
  }
  const choose = (choice: Choice) => {
    close()
    onChoose(choice.id)
  }
  const step = (by: number) => {
    show()
    const count = open ? rows.length : arrange(choices()).length
    if (count > 0) setAt((place) => (place + by + count + (place < 0 && by < 0 ? 1 : 0)) % count)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const key = pressedKey(event)
    if (key === 'ArrowDown') step(1)
    else if (key === 'ArrowUp') step(-1)
    else if (key === 'Enter' && active) choose(active)
    else if (key === 'Enter' && onText && text !== null) {
      onText(text)
      close()
    } else if (key === 'Enter' && rows.length === 1 && words !== '' && rows[0]) choose(rows[0])
    else if (key === 'Escape' && open) close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return {
    open,
    shown: rows,
    at,
    active,
    text,
    list,
    show,
    close,
    choose,
    onKeyDown,
    type: (typed: string) => {
      setText(typed)
      setAt(onText ? -1 : 0)
      show()
    },
  }
}

function isFoundBy({ label, detail = '', note = '', words = '' }: Choice, typed: string): boolean {
  const text = `${label} ${detail} ${note} ${words}`.toLowerCase()
  return typed.split(/\s+/).every((word) => text.includes(word))
}

/** A field with a list of what fits, filtered by what is typed (ARIA combobox). */
export function Combobox(props: Props) {
  const { label, placeholder, value = '', onText } = props
  const own = useId()
  const id = props.id ?? own
  const choosing = useChoosing(props)
  const { open, shown, at, active, text, list, show, close, choose } = choosing
  const input = useRef<HTMLInputElement>(null)
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears that the focus leaves it
    <div
      className="combo"
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return
        if (onText && text !== null && text !== value) onText(text)
        close()
      }}
    >
      <input
        ref={input}
        className="input"
        role="combobox"
        id={id}
        aria-label={label}
        aria-expanded={open !== null}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active ? `${id}-${at}` : undefined}
        aria-describedby={props.describedBy}
        aria-invalid={props.isInvalid || undefined}
        dir="auto"
        autoComplete="off"
        placeholder={placeholder}
        value={text ?? value}
        onClick={show}
        onChange={(event) => choosing.type(event.target.value)}
        onKeyDown={choosing.onKeyDown}
      />
      {open && (
        <Listbox
          id={id}
          label={label}
          choices={shown}
          at={at}
          listRef={list}
          empty={props.empty ?? 'No results.'}
          head={props.head?.(shown.length)}
          onChoose={choose}
          onLeave={() => {
            close()
            input.current?.focus()
          }}
        />
      )}
    </div>
  )
}

interface ListProps {
  id: string
  label: string
  choices: readonly Choice[]
  at: number
  empty: string
  listRef?: React.RefObject<HTMLDivElement | null>
  head?: ReactNode
  onChoose: (choice: Choice) => void
  /** Escape was pressed in the head. */
  onLeave?: () => void
}

/** The list below a field; the focus stays in the field. */
export function Listbox(props: ListProps) {
  const { id, label, choices, at, empty, listRef, head, onChoose } = props
  return (
    <div className={`menu combo-list${head ? ' has-head' : ''}`}>
      {head && (
        // biome-ignore lint/a11y/noStaticElementInteractions: what is in it has the keys and clicks
        <div
          className="combo-head"
          onPointerDown={(event) => event.preventDefault()}
          onKeyDown={(event) => {
            if (pressedKey(event) !== 'Escape') return
            event.stopPropagation()
            props.onLeave?.()
          }}
        >
          {head}
        </div>
      )}
      {choices.length === 0 && <p className="help combo-empty">{empty}</p>}
      <div id={`${id}-list`} ref={listRef} role="listbox" aria-label={label}>
        {choices.map((choice, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
          <div
            key={choice.id}
            id={`${id}-${place}`}
            role="option"
            tabIndex={-1}
            aria-selected={place === at}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onChoose(choice)}
          >
            {choice.icon}
            {choice.note ? (
              <span className="combo-two">
                <span className="clip" dir="auto">
                  {choice.label}
                </span>
                <small>{choice.note}</small>
              </span>
            ) : (
              <span className="clip" dir="auto">
                {choice.label}
              </span>
            )}
            {choice.detail && (
              <span className={`clip faint${choice.isMarked ? ' is-marked' : ''}`}>
                {choice.detail}
              </span>
            )}
          </div>
        ))}
      </div>
    </div>
  )
}
