import { Columns2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Json, Tool } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { doerOf, isBuiltIn, type ProviderChoice } from '../../graph/providers'
import { later } from '../../parts/later'
import { useRun } from '../../run/store'
import { type Choice, Combobox } from '../Combobox'
import type { ControlProps } from '../form/control'
import { showValue } from '../form/schema'
import {
  canFilter,
  choicesOf,
  type Filters,
  isTelling,
  type ModelChoice,
  narrowed,
  needsOf,
  USUAL_FILTERS,
} from './choices'
import { callCost, costWords, lineOf, providerName, titleOf } from './facts'

const Comparison = later(
  () => import('./Comparison'),
  (found) => found.Comparison,
)

const FILTERS: readonly [keyof Filters, string][] = [
  ['fits', 'Fits this stage'],
  ['image', 'Image in'],
  ['sound', 'Sound'],
  ['cheapest', 'Cheapest'],
]

type Props = ControlProps & { tool: Tool; node: string }

/** The model of a stage: known names to search in, and any other name. It may choose who does it. */
export function ModelControl(props: Props) {
  const { schema, slot, tool, node } = props
  const [isComparing, setComparing] = useState(false)
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const value = showValue(slot.value)
  const stage = stageOf(doc, node)
  const choices = useMemo(() => {
    const listed: readonly Json[] = Array.isArray(schema.examples) ? schema.examples : []
    return choicesOf(tool, listed, stage, tools)
  }, [schema, tool, stage, tools])
  const doer = doerOf(tool, value === '' ? undefined : value)
  const estimate = doer && callCost(doer, tool, stage, tools)
  const quoted = useQuoted(node)
  const isKnown = value === '' || choices.some(({ name }) => name === value)
  return (
    <>
      <Field {...props} choices={choices} />
      <div className="model-said">
        <p className="help">
          {doer
            ? wordsOf(doer, value, costWords(doer, quoted ?? estimate))
            : 'Not available on this server. The name is kept.'}
          {!isKnown && ' Unknown model name.'}
        </p>
        {choices.length > 1 && isTelling(choices) && (
          <button type="button" className="btn btn-s btn-bare" onClick={() => setComparing(true)}>
            <Columns2 className="i i-12" aria-hidden />
            Compare
          </button>
        )}
      </div>
      {isComparing && (
        <Comparison
          tool={tool}
          choices={choices}
          first={doer?.facts?.name ?? ''}
          onUse={slot.write}
          onClose={() => setComparing(false)}
        />
      )}
    </>
  )
}

/** The field with its list and filters. */
function Field({ slot, ids, label, tool, node, choices }: Props & { choices: ModelChoice[] }) {
  const [filters, setFilters] = useState(USUAL_FILTERS)
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const wiring = useEditor((state) => state.wiring)
  const usual = doerOf(tool, undefined)
  const value = showValue(slot.value)
  const named = choices.find(({ name }) => name === value)
  const isFiltered = isTelling(choices)
  const buttons = isFiltered ? FILTERS.filter(([name]) => canFilter(choices, name, tool)) : []
  const listed = (rows: readonly Choice[]) => {
    const row = new Map(rows.map((choice) => [choice.id, choice]))
    const needs = needsOf(doc, tools, wiring, node)
    return narrowed(choices, filters, tool, needs).flatMap(({ name }) => row.get(name) ?? [])
  }
  return (
    <Combobox
      id={ids.id}
      label={label}
      value={named?.title ?? value}
      placeholder={usual ? `Default (${titleOf(usual)})` : 'Default'}
      describedBy={ids.describedBy}
      isInvalid={ids.isInvalid}
      empty="No match. Change the filters, or press Enter to use the name anyway."
      choices={() => choices.map((choice) => rowOf(tool, choice))}
      onChoose={(name) => slot.write(name)}
      onText={(text) => slot.write(nameOf(text, choices))}
      {...(isFiltered && {
        arrange: listed,
        head: (count) => (
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

/** What the server's quote says of the stage, in credits; null while it says nothing of a call. */
function useQuoted(node: string): number | null {
  return useRun(({ quoteOf, quoteState }) => {
    const quote = quoteState === 'fresh' ? quoteOf[node] : undefined
    return quote?.will === 'run' && quote.items == null ? quote.units : null
  })
}

function rowOf(tool: Tool, { name, title, doer }: ModelChoice): Choice {
  if (!doer) return { id: name, label: title, detail: 'not available', isMarked: true }
  return { id: name, label: title, note: lineOf(tool, doer, name), words: name }
}

/** A model by what was typed: its title, or any name. */
function nameOf(text: string, choices: readonly ModelChoice[]): string | undefined {
  const typed = text.trim()
  const named = choices.find(({ title }) => title.toLowerCase() === typed.toLowerCase())
  return typed === '' ? undefined : (named?.name ?? typed)
}

function wordsOf(doer: ProviderChoice, value: string, cost: string): string {
  const isOurs = isBuiltIn(doer.provider)
  const by = isOurs ? `the ${providerName(doer)}` : providerName(doer)
  const how = doer.model === '' || doer.model === value ? '' : ` with ${titleOf(doer)}`
  const words = `Made by ${by}${how}, ${cost}.`
  return isOurs && value !== '' ? `${words} Ignores the model name.` : words
}
