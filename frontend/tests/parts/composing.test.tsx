// @vitest-environment happy-dom

/** Enter and Escape of an input method's composition do nothing else. */

import { cleanup, createEvent, fireEvent, render, screen } from '@testing-library/react'
import { type ReactElement, useState } from 'react'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { JsonObject } from '../../src/api/schema'
import { Name } from '../../src/bar/Name'
import { Written } from '../../src/canvas/Written'
import { Combobox } from '../../src/chooser/Combobox'
import { WriteForm } from '../../src/comments/WriteForm'
import { Composer } from '../../src/describe/Composer'
import { PlanPanel } from '../../src/describe/PlanPanel'
import { useDescribe } from '../../src/describe/store'
import { planOf } from '../../src/describe/testing'
import { Listbox } from '../../src/dialogs/Listbox'
import { select } from '../../src/editor/actions'
import { editor, useEditor } from '../../src/editor/store'
import { listenForKeys } from '../../src/frame/keys'
import { Inspector } from '../../src/inspector/Inspector'
import { InputName } from '../../src/inspector/template/InputName'
import { OutputList } from '../../src/inspector/template/OutputList'
import { CueList } from '../../src/inspector/tools/cues/CueList'
import { TimeField } from '../../src/inspector/tools/film/TimeField'
import { Keys } from '../../src/moderation/keys'
import { MyMedia } from '../../src/palette/MyMedia'
import { Palette } from '../../src/palette/Palette'
import { fetchRest } from '../../src/parts/fetching'
import { Question } from '../../src/run/answer/Question'
import { openDocument } from '../opened'

/** What a field called when it was left, sent or closed. */
const called = vi.fn()

const STAGES: JsonObject[] = [
  {
    id: 'one',
    type: 'fixed',
    tool: 'generate_image',
    label: 'One',
    args: { prompt: 'a' },
    produces: ['one'],
  },
  {
    id: 'all',
    type: 'batch',
    label: 'All',
    forEach: '$inputs.words',
    itemName: 'scene',
    itemStage: { tool: 'generate_image', args: {} },
    produces: ['all'],
  },
]
const INPUTS = [{ name: 'words', type: 'text', label: 'Words' }]
const OUTPUTS = { main: { from: '$artifacts.one', label: 'Picture' } }

const INSPECTED = (stage: string) => () => {
  select([stage])
  return <Inspector />
}

function Chooser() {
  const [words, setWords] = useState('')
  const options = [{ id: 'a', group: '', label: 'A' }]
  const own = { options, words, onWords: setWords, onChoose: called, none: null }
  return <Listbox label="Field" placeholder="" {...own} />
}

function subtitleLine(): ReactElement {
  const cues = [{ start: 0, end: 1, text: 'a' }]
  const props = {
    cues: { cues, lines: { from: 'own' }, at: 0, doubts: [], setChosen: () => undefined },
    actions: { nextLine: called, rewrite: () => undefined },
    film: { clip: { time: 0, rate: 25, seek: () => undefined } },
  }
  return <CueList {...(props as unknown as Parameters<typeof CueList>[0])} />
}

function page(attributes: string): ReactElement {
  const send = (event: Event) => {
    event.preventDefault()
    called()
  }
  const html = `<form ${attributes}><textarea aria-label="Field" data-submit-keys></textarea></form>`
  const listen = (element: HTMLElement | null) =>
    element?.firstElementChild?.addEventListener('submit', send)
  // biome-ignore lint/security/noDangerouslySetInnerHtml: as the server draws it.
  return <div ref={listen} dangerouslySetInnerHTML={{ __html: html }} />
}

const OPEN = { text: 'a', label: 'Field', placeholder: '', canEdit: true, isAsked: true }
const WAIT = { id: 'w', message: 'Which?' } as unknown as Parameters<typeof Question>[0]['wait']

interface Row {
  draw: () => ReactElement
  field: string | RegExp
  /** Those that it takes. */
  keys: readonly string[]
  text?: string
}

const FIELDS: Readonly<Record<string, Row>> = {
  'template name': {
    draw: () => <Name />,
    field: 'Template name',
    keys: ['Enter', 'Escape'],
  },
  'search for stages': {
    draw: () => <Palette />,
    field: /^Search stages/,
    keys: ['Enter', 'Escape'],
    text: 'image',
  },
  'search of own media': {
    draw: () => <MyMedia />,
    field: 'Search my media',
    keys: ['Escape'],
  },
  'result name': { draw: INSPECTED('one'), field: 'Result name', keys: ['Enter'] },
  'item name': { draw: INSPECTED('all'), field: 'Item name', keys: ['Enter'] },
  'prompt, while sources are offered': {
    draw: INSPECTED('one'),
    field: 'Prompt',
    keys: ['Enter', 'Escape'],
    text: '$',
  },
  'name of an input': {
    draw: () => <InputName input={editor().doc.inputs.order[0] as string} />,
    field: 'Name',
    keys: ['Enter', 'Escape'],
    text: 'ni',
  },
  'label of an output': {
    draw: () => <OutputList />,
    field: 'Label of output Picture',
    keys: ['Enter', 'Escape'],
  },
  time: {
    draw: () => <TimeField label="Field" value={1} rate={25} onChange={called} />,
    field: 'Field',
    keys: ['Enter'],
    text: '2',
  },
  'line of subtitles': { draw: subtitleLine, field: 'Text of line 1', keys: ['Enter', 'Escape'] },
  'text with choices': {
    draw: () => <Combobox label="Field" choices={() => []} onChoose={called} onText={called} />,
    field: 'Field',
    keys: ['Enter', 'Escape'],
  },
  'list of commands': { draw: () => <Chooser />, field: 'Field', keys: ['Enter'] },
  description: {
    draw: () => <Composer verb="Describe it" onClose={called} />,
    field: 'What should change?',
    keys: ['Ctrl+Enter', 'Escape'],
  },
  'field of a plan': {
    draw: () => <PlanPanel plan={planOf()} />,
    field: 'What it shows',
    keys: ['Escape'],
  },
  comment: {
    draw: () => <WriteForm label="Comment" onSend={async () => called()} onCancel={called} />,
    field: 'Comment',
    keys: ['Ctrl+Enter', 'Escape'],
  },
  answer: {
    draw: () => <Question wait={WAIT} isBusy={false} onReply={called} />,
    field: 'Your answer',
    keys: ['Ctrl+Enter'],
  },
  'title on the canvas': {
    draw: () => <Written {...OPEN} isLine onWrite={() => undefined} />,
    field: 'Field',
    keys: ['Enter', 'Escape'],
  },
  'note on the canvas': {
    draw: () => <Written {...OPEN} onWrite={() => undefined} />,
    field: 'Field',
    keys: ['Ctrl+Enter', 'Escape'],
  },
  'text of a page': { draw: () => page(''), field: 'Field', keys: ['Ctrl+Enter'] },
  'note of a moderator': { draw: () => page('data-decide'), field: 'Field', keys: ['Ctrl+Enter'] },
}

beforeAll(async () => {
  await fetchRest()
  listenForKeys()
  new Keys(() => ({ decision: null, bulk: null, isTurning: () => false }))
})
beforeEach(() => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  useDescribe.setState(useDescribe.getInitialState())
  useEditor.setState(({ boot }) => ({ boot: { ...boot, hasLanguageModel: true } }))
  openDocument({ name: 'Sky', inputs: INPUTS, stages: STAGES, outputs: OUTPUTS })
})
afterEach(() => {
  cleanup()
  called.mockClear()
  vi.unstubAllGlobals()
})

/** Draw a field and write in it. */
function written({ draw, field, text = 'に' }: Row): HTMLInputElement {
  render(draw())
  const element = screen.getAllByLabelText<HTMLInputElement>(field)[0] as HTMLInputElement
  element.focus()
  fireEvent.input(element, { target: { value: text } })
  return element
}

/** Return what a key press changes: where the keys are, the words, the document, the page. */
function changesBy(element: HTMLInputElement, keys: string, how: KeyboardEventInit): string[] {
  const state = () => ({
    focus: String(document.activeElement === element),
    words: element.value,
    document: JSON.stringify(editor().doc),
    page: document.body.innerHTML,
    called: String(called.mock.calls.length),
  })
  const before = state()
  const held = { key: keys.replace('Ctrl+', ''), ctrlKey: keys.startsWith('Ctrl+') }
  const event = createEvent.keyDown(element, { ...held, ...how })
  fireEvent(element, event)
  const after = Object.entries(state()).filter(([name, value]) => before[name as 'page'] !== value)
  return [...after.map(([name]) => name), ...(event.defaultPrevented ? ['prevented'] : [])]
}

const CASES = Object.entries(FIELDS).flatMap(([name, row]) =>
  row.keys.map((keys) => [name, keys, row] as const),
)

test.each(CASES)('%s: %s of an input method does nothing, else it does', (_, keys, row) => {
  const element = written(row)
  expect(changesBy(element, keys, { isComposing: true })).toEqual([])
  expect(changesBy(element, keys, { keyCode: 229 })).toEqual([])
  expect(changesBy(element, keys, {})).not.toEqual([])
})
