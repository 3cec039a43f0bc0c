import { Search } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { pressedKey } from '../frame/press'

export interface Option {
  id: string
  group: string
  label: string
  /** Another word for it, by which it is searched. */
  also?: string | undefined
  icon?: ReactNode
  hint?: ReactNode
  /** A second line, below the label. */
  detail?: string
  /** The reason that it cannot be chosen now. It stays listed, with the reason. */
  not?: string | null
}

interface Props {
  label: string
  placeholder: string
  options: readonly Option[]
  words: string
  onWords: (words: string) => void
  onChoose: (id: string) => void
  none: ReactNode
}

/** A field over a list: typing narrows it, arrows walk, Enter chooses. ARIA combobox pattern. */
export function Listbox({ label, placeholder, options, words, onWords, onChoose, none }: Props) {
  const id = useId()
  // By id: what comes late must not slip under the key that chooses.
  const [current, setCurrent] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const place = options.findIndex((option) => option.id === current)
  const chosen = options.length > 0 ? Math.max(0, place) : -1
  const setAt = (at: number) => setCurrent(options[at]?.id ?? null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })
  const choose = (option: Option | undefined) => {
    if (option && !option.not) onChoose(option.id)
  }
  const onKeyDown = (event: React.KeyboardEvent) => {
    const key = pressedKey(event)
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[key]
    if (step !== undefined && options.length) {
      event.preventDefault()
      const next = Math.abs(step) === 1 ? (chosen + step + options.length) % options.length : null
      setAt(next ?? Math.max(0, Math.min(options.length - 1, chosen + step)))
    } else if (key === 'Enter') {
      event.preventDefault()
      choose(options[chosen])
    }
  }
  let group = ''
  return (
    <>
      <label className="search listbox-search">
        <Search className="i" aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: a palette is opened to type into.
          autoFocus
          type="text"
          role="combobox"
          aria-label={label}
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={options[chosen] ? `${id}-${chosen}` : undefined}
          dir="auto"
          placeholder={placeholder}
          value={words}
          onChange={(event) => {
            onWords(event.target.value)
            setCurrent(null)
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div className="listbox-list" id={id} role="listbox" aria-label={label} ref={list}>
        {options.map((option, place) => {
          const head = option.group === group ? null : option.group
          group = option.group
          return (
            <div key={option.id} role="presentation">
              {head && (
                <div className="listbox-group" role="presentation">
                  {head}
                </div>
              )}
              <Row
                id={`${id}-${place}`}
                option={option}
                isChosen={place === chosen}
                onPoint={() => setAt(place)}
                onChoose={() => choose(option)}
              />
            </div>
          )
        })}
        {options.length === 0 && <p className="help listbox-none">{none}</p>}
      </div>
    </>
  )
}

interface RowProps {
  id: string
  option: Option
  isChosen: boolean
  onPoint: () => void
  onChoose: () => void
}

function Row({ id, option, isChosen, onPoint, onChoose }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys.
    <div
      id={id}
      role="option"
      tabIndex={-1}
      className="listbox-row"
      aria-selected={isChosen}
      aria-disabled={option.not ? true : undefined}
      onPointerMove={({ movementX, movementY }) => {
        // A list that changes under a pointer at rest moves nothing for its owner.
        if (movementX !== 0 || movementY !== 0) onPoint()
      }}
      onClick={onChoose}
    >
      {option.icon}
      <span className="grow">
        <bdi>{option.label}</bdi>
        {option.detail && <small dir="auto">{option.detail}</small>}
        {option.not && <small>{option.not}</small>}
      </span>
      {option.hint}
    </div>
  )
}
