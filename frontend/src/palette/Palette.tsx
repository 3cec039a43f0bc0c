import { Plus, Search } from 'lucide-react'
import { useRef, useState } from 'react'
import type { TemplateChoice, Tool } from '../api/schema'
import { addInputNow, addNow, DRAGGED } from '../canvas/additions'
import { templateWords, useTemplateChoices } from '../canvas/connect/templateChoices'
import { open } from '../editor/actions'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { INPUT_CHOICES, STAGE_CHOICES, type StageChoice } from '../graph/choices'
import { Deferred } from '../parts/fetching'
import { later } from '../parts/later'
import { matching } from '../parts/matching'
import { onDemand } from '../parts/onDemand'
import { Icon } from '../parts/ToolIcon'
import { setTab, usePalette } from './state'

const MyMedia = later(
  () => import('./MyMedia'),
  (found) => found.MyMedia,
)

const inserting = onDemand(new Deferred(() => import('../canvas/connect/templates')), 'Inserting')

/** Things to put onto the canvas: stages, and one's own files. */
export function Palette() {
  const tab = usePalette((state) => state.tab)
  return (
    <aside className="palette" aria-label="Palette">
      <div className="segmented palette-tabs">
        <button type="button" aria-pressed={tab === 'stages'} onClick={() => setTab('stages')}>
          Stages
        </button>
        <button
          type="button"
          aria-pressed={tab === 'media'}
          title="My media (Shift M)"
          onClick={() => setTab('media')}
        >
          My media
        </button>
      </div>
      {tab === 'stages' ? <Stages /> : <MyMedia />}
    </aside>
  )
}

/** Choices for stages: click to add, drag to where it should be. */
function Stages() {
  const tools = useEditor((state) => state.tools)
  const [words, setWords] = useState('')
  const list = useRef<HTMLDivElement>(null)
  const matches = matching(tools.all, words)
  const inputs = words ? [] : INPUT_CHOICES
  const choices = STAGE_CHOICES.filter((choice) => !words || fits(choice, words))
  const templates = useTemplateChoices(words, words.trim() !== '')
  const enter = () => {
    if (matches[0]) addNow(matches[0].name)
    else if (templates[0]) insert(templates[0])
  }
  return (
    <>
      <label className="search">
        <Search className="i i-14" aria-hidden />
        <span className="visually-hidden">Search stages</span>
        <input
          type="search"
          dir="auto"
          placeholder="Search stages"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={(event) => {
            const key = pressedKey(event)
            if (key === 'Escape') setWords('')
            if (key === 'Enter') enter()
            if (key === 'ArrowDown') list.current?.querySelector('button')?.focus()
          }}
        />
        <kbd>A</kbd>
      </label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows walk among the buttons. */}
      <div className="list" ref={list} onKeyDown={walk}>
        <Choices found={matches} inputs={inputs} choices={choices} templates={templates} />
        {matches.length + choices.length + templates.length === 0 && (
          <p className="help palette-none">
            No results for “{words}”.{' '}
            <button type="button" className="link" onClick={() => setWords('')}>
              Show all
            </button>
          </p>
        )}
      </div>
      <button type="button" className="btn ask" onClick={() => open({ name: 'commands' })}>
        <Search className="i" aria-hidden />
        All commands<kbd>Ctrl K</kbd>
      </button>
    </>
  )
}

interface ChoicesProps {
  found: readonly Tool[]
  inputs: typeof INPUT_CHOICES
  choices: readonly StageChoice[]
  templates: readonly TemplateChoice[]
}

function Choices({ found, inputs, choices, templates }: ChoicesProps) {
  return (
    <>
      {inputs.length > 0 && <h2>Inputs</h2>}
      {inputs.map((choice) => (
        <Row
          key={choice.type}
          title={choice.title}
          icon={choice.icon}
          kind={choice.kind}
          dragged={{ input: choice.type }}
          onAdd={() => addInputNow(choice.type)}
        />
      ))}
      {groupTools(found).map(([group, members]) => (
        <div key={group}>
          <h2>{group}</h2>
          {members.map((tool) => (
            <Row
              key={tool.name}
              title={tool.title}
              icon={tool.icon}
              kind={tool.output ?? 'text'}
              help={
                tool.isProvided ? tool.help : tool.unusable || 'Not available on this server yet.'
              }
              dragged={{ tool: tool.name }}
              onAdd={() => addNow(tool.name)}
              isOff={!tool.isProvided}
            />
          ))}
        </div>
      ))}
      {templates.length > 0 && <h2>Templates</h2>}
      {templates.map((template) => (
        <Row
          key={template.template}
          title={template.title}
          icon="layers"
          kind={template.gives ?? 'text'}
          detail={templateWords(template)}
          onAdd={() => insert(template)}
        />
      ))}
      {choices.length > 0 && <h2>Flow</h2>}
      {choices.map((choice) => (
        <Row
          key={choice.type}
          title={choice.title}
          icon={choice.icon}
          kind="choice"
          help={choice.help}
          dragged={{ stage: choice.type }}
          onAdd={() => addNow(choice.type, choice.type)}
        />
      ))}
    </>
  )
}

interface RowProps {
  title: string
  icon: string
  kind: string
  help?: string
  /** A second line, below the title. */
  detail?: string
  /** Absent: it is not dragged. */
  dragged?: Record<string, string>
  onAdd: () => void
  isOff?: boolean
}

function Row({ title, icon, kind, help, detail, dragged, onAdd, isOff = false }: RowProps) {
  return (
    <button
      type="button"
      className="tool"
      draggable={dragged !== undefined}
      title={detail ? `${title}, ${detail}` : help}
      aria-disabled={isOff || undefined}
      style={{ '--hue': `var(--t-${kind})` } as React.CSSProperties}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, JSON.stringify(dragged))
        event.dataTransfer.effectAllowed = 'copy'
      }}
      onClick={onAdd}
    >
      <Icon name={icon} size={15} />
      <span className="clip">
        {title}
        {detail && <small className="clip">{detail}</small>}
      </span>
      <Plus className="i i-12" aria-hidden />
    </button>
  )
}

function insert(template: TemplateChoice): void {
  void inserting(({ insertTemplate }) => insertTemplate(template))
}

function groupTools(tools: readonly Tool[]): [string, Tool[]][] {
  const groups = new Map<string, Tool[]>()
  for (const tool of tools) groups.set(tool.group, [...(groups.get(tool.group) ?? []), tool])
  // What can be done here comes first; the rest stays in sight, grayed.
  for (const members of groups.values())
    members.sort((one, other) => Number(other.isProvided) - Number(one.isProvided))
  return [...groups]
}

function fits(choice: StageChoice, words: string): boolean {
  return `${choice.title} ${choice.help}`.toLowerCase().includes(words.trim().toLowerCase())
}

function walk(event: React.KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[pressedKey(event)]
  if (!step) return
  const rows = [...event.currentTarget.querySelectorAll('button')]
  const at = rows.indexOf(document.activeElement as HTMLButtonElement)
  const next = rows[at + step]
  if (next) {
    event.preventDefault()
    next.focus()
  }
}
