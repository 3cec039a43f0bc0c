import { type KeyboardEvent, useState } from 'react'
import type { JsonObject } from '../../api/schema'
import { type Choice, Listbox } from '../../chooser/Combobox'
import { endGesture } from '../../editor/actions'
import { pressedKey } from '../../frame/press'
import { readText } from '../../graph/bindings'
import type { FieldIds } from '../form/Field'
import { isLong } from '../form/schema'
import type { Slot } from '../form/slot'
import { Hint } from '../form/TextControl'
import { useDraft } from '../form/useDraft'
import { perform } from '../perform'
import { type Fitting, fittingSources } from '../sources'

interface Props {
  node: string
  socket: string
  schema: JsonObject
  slot: Slot
  ids: FieldIds
  label: string
  placeholder: string
}

/** Keep the typed text, and offer sources to take its place while it begins with `$`. */
function useBindingOffer({ node, socket, slot }: Pick<Props, 'node' | 'socket' | 'slot'>) {
  const shownText = typeof slot.value === 'string' ? slot.value : ''
  const [fitting, setFitting] = useState<Fitting[] | null>(null)
  const [at, setAt] = useState(0)
  const draft = useDraft(shownText, (text) => {
    const isAsking = isOpening(text)
    if (isAsking && !fitting) {
      setFitting(fittingSources(node, socket))
      setAt(0)
    } else if (!isAsking && fitting) setFitting(null)
    // A binding that is being looked for is not written letter by letter.
    if (!isAsking) slot.write(text === '' ? undefined : text, { burst: true })
  })
  const words = draft.text
    .slice(1)
    .replace(/^(inputs|artifacts|item)\.?/, '')
    .toLowerCase()
  const choices = (fitting ?? []).filter(({ choice }) =>
    choice.label
      .toLowerCase()
      .replace(/\s+/g, '')
      .includes(words.replace(/[\s_-]+/g, '')),
  )
  const active = choices[Math.min(at, choices.length - 1)]

  const choose = (choice: Choice) => {
    const chosen = choices.find((known) => known.choice.id === choice.id)
    setFitting(null)
    endGesture()
    if (chosen) perform(chosen.option.edit())
  }
  const leave = () => {
    setFitting(null)
    const { text } = draft
    // Left half-way: kept as it is, and said to be no binding.
    if (isOpening(text) && text !== shownText) slot.write(text, { burst: true })
    draft.onBlur()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!fitting) return
    const key = pressedKey(event)
    const count = choices.length
    if (key === 'ArrowDown' && count > 0) setAt((at + 1) % count)
    else if (key === 'ArrowUp' && count > 0) setAt((at + count - 1) % count)
    else if ((key === 'Enter' || key === 'Tab') && active) choose(active.choice)
    else if (key === 'Escape') setFitting(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  return { draft, isOpen: fitting !== null, choices, active, choose, leave, onKeyDown }
}

/** A text of a stage. `$` offers what could be there instead; `$$` means the sign itself. */
export function PromptControl({ node, socket, schema, slot, ids, label, placeholder }: Props) {
  const { draft, isOpen, choices, active, choose, leave, onKeyDown } = useBindingOffer({
    node,
    socket,
    slot,
  })
  const props = {
    className: 'input',
    id: ids.id,
    dir: 'auto' as const,
    value: draft.text,
    placeholder,
    'aria-describedby': ids.describedBy,
    'aria-invalid': ids.isInvalid || undefined,
    'aria-autocomplete': 'list' as const,
    'aria-haspopup': 'listbox' as const,
    'aria-controls': isOpen ? `${ids.id}-list` : undefined,
    'aria-activedescendant': isOpen && active ? `${ids.id}-${choices.indexOf(active)}` : undefined,
    autoComplete: 'off',
    onFocus: draft.onFocus,
    onBlur: leave,
    onKeyDown,
  }
  return (
    <div className="combo">
      {isLong(schema) ? (
        <textarea {...props} rows={3} onChange={(event) => draft.onText(event.target.value)} />
      ) : (
        <input {...props} onChange={(event) => draft.onText(event.target.value)} />
      )}
      {isOpen && (
        <Listbox
          id={ids.id}
          label={`Insert into ${label}`}
          choices={choices.map(({ choice }) => choice)}
          at={active ? choices.indexOf(active) : -1}
          empty="No matching input. Type $$ for a dollar sign."
          onChoose={choose}
        />
      )}
      {draft.hint && <Hint text={draft.hint} />}
    </div>
  )
}

/** `$`, or the beginning of a binding: not a price, not `$$`. */
function isOpening(text: string): boolean {
  return text === '$' || readText(text).type !== 'literal'
}
