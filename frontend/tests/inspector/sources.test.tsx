// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Issue, Json, JsonObject } from '../../src/api/schema'
import type { Session } from '../../src/document/session'
import { select, selectWire } from '../../src/editor/actions'
import { goTo, showInput } from '../../src/editor/inspected'
import { useEditor } from '../../src/editor/store'
import { Inspector } from '../../src/inspector/Inspector'
import { bringMedium } from '../../src/inspector/upload'
import { fetchRest } from '../../src/parts/fetching'
import { openDocument } from '../opened'

// As when the page was idle: what comes later is here.
beforeAll(fetchRest)
afterEach(cleanup)

const SPEC: JsonObject = {
  name: 'Sky',
  inputs: [
    { name: 'brief', type: 'text', required: true },
    { name: 'look', type: 'image' },
  ],
  stages: [
    stage('sky', 'generate_image', 'Sky', { prompt: 'A sky' }),
    stage('sea', 'generate_image', 'Sea', {}),
    stage('move', 'animate_photo', 'Motion', { prompt: 'Slow' }),
    stage('film', 'stitch_video', 'Film', {}),
  ],
}

function stage(id: string, tool: string, label: string, args: JsonObject): JsonObject {
  return { id, type: 'fixed', tool, label, args, produces: [id] }
}

function open(key: string | null, spec: JsonObject = SPEC): Session {
  const session = openDocument(spec)
  select(key === null ? [] : [key])
  render(<Inspector />)
  return session
}

function args(session: Session, key: string): JsonObject {
  return (session.view.stages.rows[key] as JsonObject).args as JsonObject
}

function fieldOf(name: string): HTMLElement {
  const field = document.querySelector(`[data-field="${name}"]`)
  if (!(field instanceof HTMLElement)) throw new Error(`There is no field ${name}.`)
  return field
}

function offered(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.combo-list [role="option"]')]
}

const first = '.items[0].selectedVersion.url'

describe('a text', () => {
  const box = () => fieldOf('prompt').querySelector('textarea') as HTMLTextAreaElement

  it('is bound by $ and a choice from the list, as one undo step', () => {
    const session = open('sky')
    fireEvent.focus(box())
    fireEvent.input(box(), { target: { value: '$' } })
    const list = screen.getByRole('listbox')
    expect(
      within(list)
        .getAllByRole('option')
        .map((one) => one.textContent),
    ).toEqual(['Briefinput'])
    expect(box().getAttribute('aria-activedescendant')).toBe(
      within(list).getAllByRole('option')[0]?.id,
    )
    fireEvent.keyDown(box(), { key: 'Enter' })
    expect(args(session, 'sky').prompt).toBe('$inputs.brief')
    expect(fieldOf('prompt').textContent).toContain('Brief')
    session.undo()
    expect(args(session, 'sky').prompt).toBe('A sky')
  })

  it('narrows the list by what follows, and shuts it on Escape', () => {
    open('sky')
    fireEvent.focus(box())
    fireEvent.input(box(), { target: { value: '$inputs.nothing' } })
    expect(offered()).toEqual([])
    fireEvent.input(box(), { target: { value: '$inputs.br' } })
    expect(offered()).toHaveLength(1)
    fireEvent.keyDown(box(), { key: 'Escape' })
    expect(screen.queryByRole('listbox')).toBeNull()
  })

  it('takes $$ and prices as they are', () => {
    const session = open('sky')
    fireEvent.focus(box())
    for (const text of ['$$inputs', '$5 a day']) {
      fireEvent.input(box(), { target: { value: text } })
      expect(screen.queryByRole('listbox')).toBeNull()
      expect(args(session, 'sky').prompt).toBe(text)
    }
  })

  it('keeps a binding that was left half-way, and says that it is none', () => {
    const session = open('sky')
    fireEvent.focus(box())
    fireEvent.input(box(), { target: { value: '$inputs.gone' } })
    expect(args(session, 'sky').prompt).toBe('A sky')
    fireEvent.blur(box())
    expect(args(session, 'sky').prompt).toBe('$inputs.gone')
    expect(fieldOf('prompt').textContent).toContain('No input named “gone”.')
  })

  it('is freed by Disconnect', () => {
    const session = open('sky')
    fireEvent.focus(box())
    fireEvent.input(box(), { target: { value: '$' } })
    fireEvent.click(offered()[0] as HTMLElement)
    fireEvent.click(screen.getByRole('button', { name: 'Disconnect Brief from Prompt' }))
    expect(args(session, 'sky')).toEqual({})
  })
})

describe('a port', () => {
  it('is connected from a list of what fits', () => {
    const session = open('move')
    const field = screen.getByRole('combobox', { name: 'Connect Photo' })
    fireEvent.click(field)
    const names = offered().map((one) => one.textContent)
    expect(names).toEqual(['Lookinput', 'Sky', 'Sea'])
    fireEvent.input(field, { target: { value: 'sk' } })
    fireEvent.keyDown(field, { key: 'Enter' })
    expect(args(session, 'move').reference_image_url).toBe(`$artifacts.sky${first}`)
  })

  it('says what compiling joins, and writes it down when asked', () => {
    const session = open('move')
    expect(fieldOf('reference_image_url').textContent).toContain('Seaautomatic')
    fireEvent.click(screen.getByRole('button', { name: 'Keep connection' }))
    expect(args(session, 'move').reference_image_url).toBe(`$artifacts.sea${first}`)
  })

  it('keeps several in order, moved by the arrow keys', () => {
    const urls = ['move', 'more'].map((name): Json => `$artifacts.${name}${first}`)
    const stages = [
      ...(SPEC.stages as JsonObject[]).slice(0, 3),
      stage('more', 'animate_photo', 'More', {}),
      stage('film', 'stitch_video', 'Film', { reference_video_urls: urls }),
    ]
    const session = open('film', { ...SPEC, stages })
    const grips = screen.getAllByRole('button', { name: /^Move Clips/ })
    expect(grips).toHaveLength(2)
    fireEvent.keyDown(grips[1] as HTMLElement, { key: 'ArrowUp' })
    expect(args(session, 'film').reference_video_urls).toEqual([urls[1], urls[0]])
    fireEvent.click(screen.getAllByRole('button', { name: /^Disconnect/ })[0] as HTMLElement)
    expect(args(session, 'film').reference_video_urls).toEqual([urls[0]])
  })

  it('leads to its source', () => {
    open('move', {
      ...SPEC,
      stages: [
        ...(SPEC.stages as JsonObject[]).slice(0, 2),
        stage('move', 'animate_photo', 'Motion', { reference_image_url: `$artifacts.sky${first}` }),
      ],
    })
    fireEvent.click(screen.getByRole('button', { name: 'Go to Sky' }))
    expect([...useEditor.getState().selection]).toEqual(['sky'])
  })

  it('gets a brought file as an input of its own, in one step', () => {
    const session = open('move')
    const { doc, tools } = useEditor.getState()
    const port = tools.get('animate_photo')?.ports[0]
    if (!port) throw new Error('animate_photo takes pictures')
    const value = 'reelgraph:object/upl_1/dog.jpg'
    const edit = bringMedium(doc, tools, 'move', port, { value, title: 'dog.jpg' })
    act(() => {
      session.do(edit.label, edit.ops)
    })
    const key = session.view.inputs.order.at(-1) ?? ''
    const input = session.view.inputs.rows[key] as JsonObject
    expect(input).toMatchObject({ type: 'image', default: value, required: false })
    expect(args(session, 'move').reference_image_url).toBe(`$inputs.${input.name}`)
    session.undo()
    expect(session.view.inputs.order).toHaveLength(2)
  })
})

describe('an issue', () => {
  const issue: Issue = {
    severity: 'error',
    code: 'missing',
    message: 'Prompt is needed.',
    path: 'stages/sea/args/prompt',
    stageId: 'sea',
    argument: 'prompt',
    fixes: [
      {
        label: 'Write a prompt',
        ops: [
          { op: 'set', table: 'stages', key: 'sea', path: ['args', 'prompt'], value: 'The sea' },
        ],
      },
    ],
  }

  it('is at its field and describes it', () => {
    open('sea')
    act(() => useEditor.setState({ issues: [issue] }))
    const box = fieldOf('prompt').querySelector('textarea') as HTMLTextAreaElement
    expect(box.getAttribute('aria-invalid')).toBe('true')
    const said = (box.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent)
    expect(said).toContain('Prompt is needed.')
    expect(screen.getByText('Has errors')).toBeTruthy()
  })

  it('is fixed by its button as one change with its label', () => {
    const session = open(null)
    act(() => useEditor.setState({ issues: [issue] }))
    fireEvent.click(screen.getByRole('button', { name: 'Write a prompt' }))
    expect(args(session, 'sea').prompt).toBe('The sea')
    expect(session.canUndo).toBe('Write a prompt')
  })

  it('leads from the list to the field', () => {
    open(null)
    act(() => useEditor.setState({ issues: [issue] }))
    fireEvent.click(screen.getByText('Prompt is needed.'))
    expect([...useEditor.getState().selection]).toEqual(['sea'])
    expect(document.activeElement).toBe(fieldOf('prompt').querySelector('textarea'))
  })

  it('leads into what is folded', () => {
    open(null)
    act(() => goTo({ ...issue, argument: 'width' }))
    expect(document.activeElement?.closest('details')?.open).toBe(true)
  })
})

describe('an input', () => {
  it('is added, and renamed with the bindings that name it', () => {
    const session = open('sky', {
      ...SPEC,
      stages: [stage('sky', 'generate_image', 'Sky', { prompt: '$inputs.brief' })],
    })
    act(() => showInput('brief'))
    const box = fieldOf('name').querySelector('input') as HTMLInputElement
    fireEvent.input(box, { target: { value: '1st' } })
    expect(fieldOf('name').textContent).toContain('Start with a letter')
    fireEvent.input(box, { target: { value: 'story' } })
    fireEvent.blur(box)
    expect(args(session, 'sky').prompt).toBe('$inputs.story')
    act(() => select([]))
    fireEvent.click(screen.getByRole('menuitem', { name: 'Number', hidden: true }))
    expect(session.view.inputs.order).toEqual(['brief', 'look', 'number'])
    expect(screen.getByRole('heading', { name: 'Number' })).toBeTruthy()
  })

  it('holds a default in the template and a value to try beside it', () => {
    const session = open(null)
    act(() => showInput('brief'))
    const type = (name: string, value: string) => {
      const box = fieldOf(name).querySelector('textarea, input') as HTMLInputElement
      fireEvent.focus(box)
      fireEvent.input(box, { target: { value } })
      fireEvent.blur(box)
    }
    type('default', 'Any sky')
    type('try', 'My sky')
    expect(session.view.inputs.rows.brief).toMatchObject({ default: 'Any sky' })
    expect(session.view.values.rows.brief).toEqual({ value: 'My sky' })
    fireEvent.click(screen.getByRole('button', { name: 'Reset Test value' }))
    expect(session.view.values.order).toEqual([])
  })

  it('has options with words of their own', () => {
    const input = { name: 'mood', type: 'select', options: ['calm', { value: 2, label: 'Two' }] }
    const session = open(null, { ...SPEC, inputs: [input] })
    act(() => showInput('mood'))
    const words = screen.getByRole('textbox', { name: 'Label of option 1' })
    fireEvent.focus(words)
    fireEvent.input(words, { target: { value: 'Calm' } })
    fireEvent.input(screen.getByRole('textbox', { name: 'Value of option 2' }), {
      target: { value: '3' },
    })
    fireEvent.click(screen.getByRole('button', { name: 'Add an option' }))
    expect((session.view.inputs.rows.mood as JsonObject).options).toEqual([
      { value: 'calm', label: 'Calm' },
      { value: 3, label: 'Two' },
      { value: 'option-3', label: '' },
    ])
  })
})

describe('other selections', () => {
  it('change what several stages have in common, in one step', async () => {
    const session = open(null)
    act(() => select(['sky', 'sea']))
    expect(await screen.findByRole('heading', { name: '2 selected' })).toBeTruthy()
    fireEvent.input(await screen.findByLabelText('Width'), { target: { value: '640' } })
    expect([args(session, 'sky').width, args(session, 'sea').width]).toEqual([640, 640])
    session.undo()
    expect(args(session, 'sky')).toEqual({ prompt: 'A sky' })
  })

  it('tell what flows along an edge, and cut it', async () => {
    const session = open('move', {
      ...SPEC,
      stages: [
        ...(SPEC.stages as JsonObject[]).slice(0, 2),
        stage('move', 'animate_photo', 'Motion', { reference_image_url: `$artifacts.sky${first}` }),
      ],
    })
    const wire = useEditor.getState().wiring.edges.find((one) => one.source === 'sky')
    act(() => selectWire(wire?.id ?? ''))
    expect(await screen.findByRole('heading', { name: 'Sky to Motion' })).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Disconnect' }))
    expect(args(session, 'move')).toEqual({})
  })

  it('name frames and write notes', async () => {
    const graph = {
      frames: [{ id: 'f', x: 0, y: 0, width: 10, height: 10, title: 'Act one' }],
      notes: [{ id: 'n', x: 0, y: 0, text: 'Remember' }],
    }
    const session = open(null, { ...SPEC, graph })
    act(() => select(['frame:f']))
    const title = await screen.findByLabelText('Title')
    fireEvent.focus(title)
    fireEvent.input(title, { target: { value: 'Act two' } })
    fireEvent.click(screen.getByRole('button', { name: 'Teal' }))
    expect(session.view.frames.rows.f).toMatchObject({ title: 'Act two', hue: 190 })
    act(() => select(['note:n']))
    const words = (await screen.findByLabelText('Text')) as HTMLTextAreaElement
    expect(words.value).toBe('Remember')
  })

  it('leave everything as it is for who may only look', () => {
    open('sky')
    act(() => useEditor.setState({ canEdit: false }))
    const box = fieldOf('prompt').querySelector('textarea') as HTMLTextAreaElement
    expect(box.closest('fieldset[disabled]')).not.toBeNull()
  })
})

describe('the picker', () => {
  it('reads what is mine page by page and gives a reference', async () => {
    const medium = (n: number) => ({
      reference: `reelgraph:object/upl_${n}/${n}.jpg`,
      url: `/media/upl_${n}/${n}.jpg`,
      kind: 'image',
      title: `${n}.jpg`,
      width: 1,
      height: 1,
      duration: null,
      createdAt: '',
    })
    const asked: string[] = []
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path)
      const isFirst = !path.includes('before')
      const body = { media: [medium(isFirst ? 1 : 2)], next: isFirst ? 'more' : null }
      return new Response(JSON.stringify(body), { status: 200 })
    })
    const session = open(null)
    act(() => showInput('look'))
    fireEvent.click(within(fieldOf('default')).getByRole('button', { name: /Choose an image/ }))
    fireEvent.click(await screen.findByRole('tab', { name: 'My files', hidden: true }))
    fireEvent.click(await screen.findByText('Show more'))
    fireEvent.click(await screen.findByText('2.jpg'))
    expect(asked).toEqual(['/app/media?kind=image', '/app/media?kind=image&before=more'])
    expect(session.view.inputs.rows.look).toMatchObject({
      default: 'reelgraph:object/upl_2/2.jpg',
    })
    vi.unstubAllGlobals()
  })

  it('takes https addresses alone', async () => {
    const session = open(null)
    act(() => showInput('look'))
    fireEvent.click(within(fieldOf('default')).getByRole('button', { name: /Choose an image/ }))
    fireEvent.click(await screen.findByRole('tab', { name: 'URL', hidden: true }))
    const box = screen.getByLabelText('Image URL')
    const use = () =>
      fireEvent.click(screen.getByRole('button', { name: 'Use this URL', hidden: true }))
    fireEvent.input(box, { target: { value: 'http://example.com/a.jpg' } })
    use()
    expect(screen.getByText('Only https:// URLs work.')).toBeTruthy()
    fireEvent.input(box, { target: { value: 'https://example.com/a.jpg' } })
    use()
    expect(session.view.inputs.rows.look).toMatchObject({ default: 'https://example.com/a.jpg' })
  })
})
