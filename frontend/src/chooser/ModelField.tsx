import { useState } from 'react'
import type { Tool } from '../api/schema'
import { type Choice, Combobox } from './Combobox'
import {
  canFilter,
  choiceNamed,
  type Filters,
  filterChoices,
  isTelling,
  type ModelChoice,
  type Needs,
  USUAL_FILTERS,
} from './choices'
import { lineOf } from './facts'

const FILTERS: readonly [keyof Filters, string][] = [
  ['fits', 'Fits this stage'],
  ['image', 'Image in'],
  ['sound', 'Sound'],
  ['cheapest', 'Cheapest'],
]

interface Props {
  id?: string
  label: string
  /** The name of the model that is chosen. */
  value: string
  placeholder?: string
  describedBy?: string | undefined
  isInvalid?: boolean
  empty: string
  tool: Tool
  choices: readonly ModelChoice[]
  /** Return the stage's needs of its model; called when the list is shown. */
  needs: () => Needs
  onChoose: (name: string) => void
  /** Any name may be typed; undefined: none. */
  onName?: (name: string | undefined) => void
  /** Return a note beside a model's title: its cost, or that it isn't there. */
  detailOf?: (choice: ModelChoice) => string
  /** Return the note behind the line of a model. */
  noteOf?: (choice: ModelChoice) => string
}

/** A field with the models that a stage may name, and filters above them. */
export function ModelField(props: Props) {
  const { tool, choices, needs, onName, value } = props
  const [filters, setFilters] = useState(USUAL_FILTERS)
  const current = choiceNamed(choices, value)
  const isFiltered = isTelling(choices)
  const buttons = isFiltered ? FILTERS.filter(([name]) => canFilter(choices, name, tool)) : []
  const arrange = (rows: readonly Choice[]) => {
    const row = new Map(rows.map((choice) => [choice.id, choice]))
    return filterChoices(choices, filters, tool, needs()).flatMap(({ name }) => row.get(name) ?? [])
  }
  return (
    <Combobox
      {...(props.id !== undefined && { id: props.id })}
      label={props.label}
      value={current?.title ?? value}
      placeholder={props.placeholder ?? ''}
      describedBy={props.describedBy}
      isInvalid={props.isInvalid ?? false}
      empty={props.empty}
      choices={() => choices.map((choice) => rowOf(choice, props))}
      onChoose={props.onChoose}
      {...(onName && { onText: (text: string) => onName(nameOf(text, choices)) })}
      {...(isFiltered && {
        arrange,
        head: (count: number) => (
          <FilterButtons
            buttons={buttons}
            filters={filters}
            onChange={setFilters}
            count={`${count} of ${choices.length} models`}
          />
        ),
      })}
    />
  )
}

/** Show the list of a field. id: of the field. */
export function openModels(id: string): void {
  const field = document.getElementById(id)
  field?.focus()
  field?.click()
}

interface FilterProps {
  buttons: typeof FILTERS
  filters: Filters
  onChange: (filters: Filters) => void
  count: string
}

function FilterButtons({ buttons, filters, onChange, count }: FilterProps) {
  return (
    <fieldset className="model-filters" aria-label="Filter models">
      {buttons.map(([name, label]) => (
        <button
          key={name}
          type="button"
          className="chip"
          aria-pressed={filters[name]}
          onClick={() => onChange({ ...filters, [name]: !filters[name] })}
        >
          {label}
        </button>
      ))}
      <small className="faint num" role="status">
        {count}
      </small>
    </fieldset>
  )
}

function rowOf(
  { name, title, doer, cost }: ModelChoice,
  { tool, noteOf, detailOf }: Props,
): Choice {
  if (!doer) return { id: name, label: title, detail: 'not available', isMarked: true }
  const choice = { name, title, doer, cost }
  const note = [lineOf(tool, doer, name), noteOf?.(choice)].filter(Boolean).join(' · ')
  return { id: name, label: title, note, detail: detailOf?.(choice) ?? '', words: name }
}

/** A model by what was typed: its title, or any name. */
function nameOf(text: string, choices: readonly ModelChoice[]): string | undefined {
  const name = text.trim()
  const match = choices.find(({ title }) => title.toLowerCase() === name.toLowerCase())
  return name === '' ? undefined : (match?.name ?? name)
}
