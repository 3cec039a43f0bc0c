import { Plus, X } from 'lucide-react'
import type { Json } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { endGesture } from '../../editor/actions'
import { useEditor } from '../../editor/store'
import { Field } from '../form/Field'
import { showValue } from '../form/schema'
import { useDraft } from '../form/useDraft'
import { move, Sortable } from '../Sortable'
import { recordSlot } from '../stage/argument'

/** The options of a choice: a value each, and the words that people read for it. */
export function OptionsField({ input }: { input: string }) {
  const doc = useEditor((state) => state.doc)
  const record = row(doc, 'inputs', input)
  const current = isObject(record) ? record.options : undefined
  const options: readonly Json[] = Array.isArray(current) ? current : []
  const slot = recordSlot(doc, 'inputs', input, ['options'], 'Options')
  const write = (next: Json[], burst = false) => slot.write(next, { burst })
  const replace = (at: number, option: Json) =>
    write(
      options.map((known, place) => (place === at ? option : known)),
      true,
    )
  return (
    <Field
      label="Options"
      name="options"
      isGroup
      problem={options.length === 0 ? 'Add at least one option.' : null}
    >
      {(ids) => (
        // biome-ignore lint/a11y/useSemanticElements: the label is outside, as with every field
        <div className="rows" role="group" id={ids.id} aria-labelledby={ids.labelId}>
          <Sortable
            keys={options.map((_, at) => String(at))}
            nameOf={(at) => `option ${at + 1}`}
            onMove={(from, to) => write(move(options, from, to))}
          >
            {(at) => {
              const option = options[at] ?? ''
              const value = isObject(option) ? (option.value ?? '') : option
              const label = isObject(option) ? showValue(option.label) : ''
              return (
                <>
                  <OptionText
                    label={`Value of option ${at + 1}`}
                    className="input mono"
                    text={showValue(value)}
                    onText={(text) => {
                      const next = typeof value === 'number' ? numberOr(text) : text
                      replace(at, isObject(option) ? { ...option, value: next } : next)
                    }}
                  />
                  <OptionText
                    label={`Label of option ${at + 1}`}
                    className="input"
                    text={label}
                    placeholder={showValue(value)}
                    onText={(text) => {
                      const { label: _, ...rest } = isObject(option) ? option : { value }
                      replace(at, text === '' ? rest : { ...rest, label: text })
                    }}
                  />
                  <button
                    type="button"
                    className="mini-btn"
                    aria-label={`Remove option ${at + 1}`}
                    onClick={() => write(options.filter((_, place) => place !== at))}
                  >
                    <X className="i i-14" aria-hidden />
                  </button>
                </>
              )
            }}
          </Sortable>
          <button
            type="button"
            className="btn btn-s btn-bare add-row"
            onClick={() =>
              write([...options, { value: `option-${options.length + 1}`, label: '' }])
            }
          >
            <Plus className="i i-14" aria-hidden />
            Add an option
          </button>
        </div>
      )}
    </Field>
  )
}

function numberOr(text: string): Json {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

interface TextProps {
  label: string
  className: string
  text: string
  placeholder?: string
  onText: (text: string) => void
}

function OptionText({ label, className, text, placeholder, onText }: TextProps) {
  const draft = useDraft(text, onText)
  return (
    <input
      className={className}
      aria-label={label}
      dir="auto"
      value={draft.text}
      placeholder={placeholder}
      onFocus={draft.onFocus}
      onBlur={() => {
        draft.onBlur()
        endGesture()
      }}
      onChange={(event) => draft.onText(event.target.value)}
    />
  )
}
