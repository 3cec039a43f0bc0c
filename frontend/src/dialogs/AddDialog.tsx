import { StickyNote } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { TemplateChoice } from '../api/schema'
import { add, placeOf } from '../canvas/connect/adding'
import { asked } from '../canvas/connect/asked'
import { type Choice, choicesFor, type Place } from '../canvas/connect/choices'
import { recentTools } from '../canvas/connect/recent'
import { templateWords, useTemplateChoices } from '../canvas/connect/templateChoices'
import { fitOf, insertTemplate } from '../canvas/connect/templates'
import { closeDialog } from '../editor/actions'
import { useEditor } from '../editor/store'
import { INPUT_CHOICES, STAGE_CHOICES } from '../graph/choices'
import { KINDS_WORDS } from '../graph/words'
import { Dialog } from '../parts/Dialog'
import { best, closeness } from '../parts/matching'
import { Icon } from '../parts/ToolIcon'
import { Listbox, type Option } from './Listbox'

const LATELY = 'Recent'
const NOT_YET = 'Not available on this server'
const MOST_LATELY = 4
/** A text that begins with the words is so close. */
const NAMED = 80
const BESIDE = {
  fits: '',
  between: 'Fits here',
  takes: 'Accepts this',
  makes: 'Provides this',
}

/** Choose a stage to add: anywhere, at the end of an edge that was let go, or into an edge. */
export function AddDialog() {
  const dialog = useEditor((state) => state.dialog)
  const doc = useEditor((state) => state.doc)
  const [words, setWords] = useState('')
  const request = dialog?.name === 'add' ? dialog : null
  // biome-ignore lint/correctness/useExhaustiveDependencies: it depends on the document that was read.
  const [place, rows] = useMemo(() => {
    const place = placeOf(request ?? {})
    return [place, choicesFor(asked(), place).map((choice) => ({ choice, option: rowOf(choice) }))]
  }, [request, doc])
  const templates = useTemplateChoices(words, request !== null)
  if (!request) return null
  const matches = best(rows, words, ({ option, choice }) => [
    option.label,
    option.group,
    helpOf(choice),
  ])
  const options = withTemplates(
    groupRows(words ? matches : lately(matches)),
    templates.flatMap((template) => rowsOfTemplate(template, place)),
    words,
  )
  const title = titleOf(place)
  return (
    <Dialog title={title} isBare className="listbox-dialog" at={request.screen}>
      <Listbox
        label={title}
        placeholder={title}
        options={options.map(({ option }) => option)}
        words={words}
        onWords={setWords}
        onChoose={(id) => {
          const chosen = options.find(({ option }) => option.id === id)?.choice
          closeDialog()
          if (!chosen) return
          if ('template' in chosen) insertTemplate(chosen.template, place, chosen.fit)
          else add(chosen.part, place, chosen.fit)
        }}
        none={words ? <>No results for “{words}”</> : <>No matching stage.</>}
      />
    </Dialog>
  )
}

interface Row<Chosen = Choice> {
  choice: Chosen
  option: Option
}

/** A template, and how it goes there. */
interface Inserted {
  readonly template: TemplateChoice
  readonly fit: Choice['fit']
}

function titleOf(place: Place): string {
  if (place.type === 'free') return 'Add a stage, template, input or note'
  if (place.type === 'wire') return 'Insert a stage'
  const { kind, side } = place.end
  if (kind === 'choice') return side === 'out' ? 'Add next stage' : 'Add previous stage'
  return side === 'out'
    ? `Add a stage that uses ${KINDS_WORDS[kind]}`
    : `Add a stage that makes ${KINDS_WORDS[kind]}`
}

function helpOf({ part }: Choice): string {
  return part.type === 'tool' ? part.tool.help : ''
}

function rowsOfTemplate(template: TemplateChoice, place: Place): Row<Inserted>[] {
  const fit = fitOf(template, place)
  if (fit === null) return []
  const option = {
    id: `template:${template.template}`,
    group: 'Templates',
    label: template.title,
    detail: templateWords(template),
    icon: (
      <span className={`hue-icon hue-${template.gives ?? 'text'}`}>
        <Icon name="layers" />
      </span>
    ),
  }
  return [{ choice: { template, fit }, option }]
}

/** Templates come last; before all else when the words are the beginning of the first one's name. */
function withTemplates(
  rows: readonly Row[],
  templates: readonly Row<Inserted>[],
  words: string,
): Row<Choice | Inserted>[] {
  const first = words.trim() && templates[0]
  const isMeant = first && closeness(first.option.label, words) >= NAMED
  return isMeant && !rows.some(({ option }) => closeness(option.label, words) >= NAMED)
    ? [...templates, ...rows]
    : [...rows, ...templates]
}

function rowOf(choice: Choice): Option {
  const { part, fit } = choice
  switch (part.type) {
    case 'tool':
      return {
        id: `tool:${part.tool.name}`,
        group: part.tool.isProvided ? BESIDE[fit] || part.tool.group : NOT_YET,
        label: part.tool.title,
        icon: (
          <span className={`hue-icon hue-${part.tool.output ?? 'text'}`}>
            <Icon name={part.tool.icon} />
          </span>
        ),
        hint: <span className="faint listbox-text clip">{helpOf(choice)}</span>,
      }
    case 'input': {
      const input = INPUT_CHOICES.find(({ type }) => type === part.inputType)
      return {
        id: `input:${part.inputType}`,
        group: 'Inputs',
        label: `Input: ${input?.title ?? part.inputType}`,
        icon: (
          <span className={`hue-icon hue-${input?.kind ?? 'text'}`}>
            <Icon name={input?.icon ?? ''} />
          </span>
        ),
      }
    }
    case 'stage': {
      const choice = STAGE_CHOICES.find(({ type }) => type === part.stageType)
      return {
        id: `stage:${part.stageType}`,
        group: 'Flow',
        label: choice?.title ?? part.stageType,
        icon: <Icon name={choice?.icon ?? ''} />,
        hint: <span className="faint listbox-text clip">{choice?.help}</span>,
      }
    }
    case 'note':
      return {
        id: 'note',
        group: 'Notes',
        label: 'Note',
        icon: <StickyNote className="i" aria-hidden />,
      }
  }
}

/** Put what was used lately first, as a group of its own. */
function lately(rows: readonly Row[]): Row[] {
  const names = recentTools()
  const isOf = (name: string) => (row: Row) => row.option.id === `tool:${name}`
  // What goes into an edge comes before what was used lately and only goes beside it.
  const chosen = names
    .flatMap((name) => rows.filter(isOf(name)))
    .filter(({ choice }) => choice.fit === 'fits' || choice.fit === 'between')
    .slice(0, MOST_LATELY)
  const first = chosen.map((row) => ({ ...row, option: { ...row.option, group: LATELY } }))
  return [...first, ...rows.filter((row) => !chosen.includes(row))]
}

/** By group, each in the order of its first member. */
function groupRows(rows: readonly Row[]): Row[] {
  const order = [...new Set(rows.map(({ option }) => option.group))]
  return order.flatMap((group) => rows.filter(({ option }) => option.group === group))
}
