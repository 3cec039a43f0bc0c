// @vitest-environment happy-dom

import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../src/api/schema'
import type { Session } from '../../src/document/session'
import { select } from '../../src/editor/actions'
import { useEditor } from '../../src/editor/store'
import { modelOf } from '../../src/graph/testing'
import { ToolTable } from '../../src/graph/tools'
import { kindOf, unwrap } from '../../src/inspector/form/schema'
import { Inspector } from '../../src/inspector/Inspector'
import { fetchRest } from '../../src/parts/fetching'
import { openDocument, TOOLS } from '../opened'

// As when the page was idle: what comes later is here.
beforeAll(fetchRest)
afterEach(cleanup)

// A form of twenty fields is drawn again for each letter; machines that are busy take their time.
const LONG_MS = 30_000

function stageOf(tool: string, args: JsonObject = {}): JsonObject {
  return { id: 'one', type: 'fixed', tool, label: 'One', args, produces: ['one'] }
}

function open(stage: JsonObject, inputs: JsonObject[] = []): Session {
  const session = openDocument({ name: 'Sky', inputs, stages: [stage] })
  select(['one'])
  render(<Inspector />)
  return session
}

/** Have a service make results of a tool by one model. */
function offer(tool: string) {
  const service = { name: 'svc', title: 'Service', models: ['moss-image'], units: 4 }
  const own = { ...service, makes: [modelOf('moss-image')], isDraft: false }
  const tools = TOOLS.map((one) =>
    one.name === tool ? { ...one, providers: [...one.providers, own] } : one,
  )
  act(() => useEditor.setState({ tools: new ToolTable(tools) }))
}

function argsOf(session: Session): JsonObject {
  const stage = session.view.stages.rows.one as JsonObject
  return stage.args as JsonObject
}

function fieldOf(name: string): HTMLElement {
  const field = document.querySelector(`[data-field="${name}"]`)
  if (!(field instanceof HTMLElement)) throw new Error(`There is no field ${name}.`)
  return field
}

/** Do with a field what a person would, whatever it is made of. Returns what should be there. */
function fill(field: HTMLElement, schema: JsonObject, title: string): Json {
  switch (kindOf(schema)) {
    case 'choice': {
      const options = schema.enum as Json[]
      const wanted = options.at(-1) as Json
      const chosen = field.querySelector('select')
      if (chosen) fireEvent.change(chosen, { target: { value: String(options.length - 1) } })
      else fireEvent.click(within(field).getByText(String(wanted).replaceAll('_', ' ')))
      return wanted
    }
    case 'number': {
      const box = field.querySelector('input[type="number"], input[inputmode]') as HTMLInputElement
      const wanted = typeof schema.maximum === 'number' ? Math.floor(schema.maximum) : 3
      fireEvent.input(box, { target: { value: String(wanted) } })
      return wanted
    }
    case 'boolean': {
      fireEvent.click(within(field).getByRole('switch'))
      return schema.default !== true
    }
    case 'loose': {
      const wanted = schema.type === 'string' ? 'of-my-own' : 77
      const box = field.querySelector('input') as HTMLInputElement
      fireEvent.input(box, { target: { value: String(wanted) } })
      fireEvent.blur(box)
      return wanted
    }
    case 'list': {
      const before = field.querySelectorAll('.sortable > li').length
      fireEvent.click(within(field).getByRole('button', { name: `Add to ${title}` }))
      expect(field.querySelectorAll('.sortable')[0]?.children.length).toBe(before + 1)
      return null
    }
    case 'object': {
      const inner = field.querySelector('input, textarea, select') as HTMLElement
      expect(inner).not.toBeNull()
      return null
    }
    default: {
      const box = field.querySelector('textarea, input') as HTMLInputElement
      fireEvent.input(box, { target: { value: 'Words' } })
      return 'Words'
    }
  }
}

describe('the form of every tool', () => {
  it.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s has a field for all', (_, tool) => {
    open(stageOf(tool.name))
    for (const parameter of tool.parameters) {
      const field = fieldOf(parameter.name)
      expect(field.textContent).toContain(parameter.title)
      for (const control of field.querySelectorAll('input, textarea, select'))
        expect(isNamed(control), control.outerHTML).toBe(true)
    }
    for (const port of tool.ports) expect(fieldOf(port.argument).textContent).toContain(port.title)
  })

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    '%s writes every argument',
    (_, tool) => {
      const session = open(stageOf(tool.name))
      for (const parameter of tool.parameters) {
        const schema = unwrap({ default: parameter.default, ...parameter.schema })
        const wanted = fill(fieldOf(parameter.name), schema, parameter.title)
        if (kindOf(schema) === 'object') continue
        const written = argsOf(session)[parameter.name]
        if (tool.isSeeded && parameter.name === 'seed')
          expect(session.view.seeds.rows.one).toEqual({ seed: wanted })
        else if (kindOf(schema) === 'list') expect(written).toHaveLength(1)
        else expect(written, parameter.name).toEqual(wanted)
      }
    },
    LONG_MS,
  )

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    '%s bears any value anywhere',
    (_, tool) => {
      const odd: Json[] = [true, 'x', -1e9, null, [], [[null]], {}, { a: [1] }, '$no.such', '$']
      const names = [
        ...tool.parameters.map((one) => one.name),
        ...tool.ports.map((one) => one.argument),
      ]
      // Each field meets another value each time.
      for (const turn of [0, 3, 7]) {
        const values = names.map((name, at): [string, Json] => [
          name,
          odd[(at + turn) % odd.length] as Json,
        ])
        open(stageOf(tool.name, Object.fromEntries(values)))
        expect(screen.getByRole('heading', { name: 'One' })).toBeTruthy()
        cleanup()
      }
    },
    LONG_MS,
  )
})

function isNamed(control: Element): boolean {
  if (control.getAttribute('aria-label')) return true
  const by = control.getAttribute('aria-labelledby')
  if (by && document.getElementById(by)) return true
  return (
    control.id !== '' && document.querySelector(`label[for="${CSS.escape(control.id)}"]`) !== null
  )
}

describe('a field', () => {
  it("goes back to the tool's own value", () => {
    const session = open(stageOf('generate_image', { width: 640 }))
    fireEvent.click(screen.getByRole('button', { name: 'Reset Width' }))
    expect(argsOf(session)).toEqual({})
  })

  it('keeps a number that is out of range, and says so', () => {
    const session = open(stageOf('generate_image'))
    const box = fieldOf('width').querySelector('input') as HTMLInputElement
    fireEvent.input(box, { target: { value: '99999' } })
    expect(argsOf(session).width).toBe(99999)
    expect(fieldOf('width').textContent).toContain('At most 8192.')
    expect(box.getAttribute('aria-invalid')).toBe('true')
  })

  it('writes under the spelling that is there', () => {
    const session = open(stageOf('generate_image', { image_model: 'z-image' }))
    const box = fieldOf('model').querySelector('input') as HTMLInputElement
    fireEvent.input(box, { target: { value: 'flux' } })
    fireEvent.blur(box)
    expect(argsOf(session)).toEqual({ image_model: 'flux' })
  })

  it('makes one undo step of a burst of typing, and of the next one another', () => {
    const session = open(stageOf('generate_image', { prompt: 'A' }))
    const box = () => fieldOf('prompt').querySelector('textarea') as HTMLTextAreaElement
    fireEvent.focus(box())
    for (const text of ['A s', 'A sk', 'A sky']) fireEvent.input(box(), { target: { value: text } })
    fireEvent.blur(box())
    fireEvent.focus(box())
    fireEvent.input(box(), { target: { value: 'A sky!' } })
    session.undo()
    expect(argsOf(session).prompt).toBe('A sky')
    session.undo()
    expect(argsOf(session).prompt).toBe('A')
  })

  it('keeps what is typed when someone else changes it, and says who', () => {
    const session = open(stageOf('generate_image', { prompt: 'A' }))
    const me = useEditor.getState().boot.me
    const person = { clientId: 'c', hue: 1, selection: [], cursor: null }
    useEditor.setState({
      people: [
        { ...person, id: me.id, name: 'Me' },
        { ...person, id: 'teo', name: 'Teo' },
      ],
    })
    const box = () => fieldOf('prompt').querySelector('textarea') as HTMLTextAreaElement
    fireEvent.focus(box())
    const op = {
      op: 'set' as const,
      table: 'stages' as const,
      key: 'one',
      path: ['args', 'prompt'],
    }
    const change = { id: 'x', label: 'Edit', ops: [{ ...op, value: 'His' }] }
    const actor = { id: 'teo', name: 'Teo' }
    const { act } = { act: (run: () => void) => run() }
    act(() => session.receive([{ ...change, rev: 1, clientId: 'c', actor, at: '' }]))
    return screen.findByText('Teo is also editing this.').then(() => {
      expect(box().value).toBe('A')
      fireEvent.blur(box())
      expect(box().value).toBe('His')
    })
  })

  it('shows a record of unknown shape as JSON', () => {
    const session = open(stageOf('generate_image', { width: { of: 'any' } }))
    const box = fieldOf('width').querySelector('textarea') as HTMLTextAreaElement
    fireEvent.focus(box)
    fireEvent.input(box, { target: { value: '{"of":' } })
    expect(argsOf(session).width).toEqual({ of: 'any' })
    expect(fieldOf('width').textContent).toContain('Invalid JSON')
    fireEvent.input(box, { target: { value: '512' } })
    expect(argsOf(session).width).toBe(512)
  })
})

describe('rows and parts', () => {
  it('adds, fills and takes away rows of objects', () => {
    const session = open(stageOf('add_subtitles'))
    fireEvent.click(screen.getByRole('button', { name: 'Add to Cues' }))
    const text = within(fieldOf('cues')).getByLabelText(/Text/)
    fireEvent.input(text, { target: { value: 'Hello' } })
    expect(argsOf(session).cues).toEqual([{ text: 'Hello' }])
    fireEvent.click(screen.getByRole('button', { name: 'Remove Cues 1' }))
    expect(argsOf(session)).toEqual({})
  })

  it('writes a part of an object alone, and takes away an object that says nothing', () => {
    const session = open(stageOf('stitch_video', { transition: { type: 'fade' } }))
    const field = fieldOf('transition')
    const length = field.querySelector('input[type="number"]') as HTMLInputElement
    fireEvent.input(length, { target: { value: '1.5' } })
    expect(argsOf(session).transition).toEqual({ type: 'fade', durationSeconds: 1.5 })
    expect(session.pending.at(-1)?.ops).toEqual([
      {
        op: 'set',
        table: 'stages',
        key: 'one',
        path: ['args', 'transition', 'durationSeconds'],
        value: 1.5,
      },
    ])
  })
})

describe('the model', () => {
  it.each([
    'upscale_image',
    'upscale_video',
    'apply_style',
    'restore_photo',
    'refine_result',
    'change_angle',
    'remove_background',
    'segment_image',
    'image_to_3d',
    'orbit_video',
    'dance_montage',
  ])('of %s is chosen among those of a service', (tool) => {
    const session = open(stageOf(tool))
    offer(tool)
    const name = /video|montage/.test(tool) ? 'videoModel' : 'model'
    const field = within(fieldOf(name))
    fireEvent.click(field.getByRole('combobox'))
    fireEvent.click(field.getByRole('option', { name: /Service/ }))
    expect(argsOf(session)).toEqual({ [name]: 'moss-image' })
  })

  it('is said not to be offered here, and is changed for one that is', () => {
    const session = open(stageOf('generate_image', { model: 'flux2' }))
    const field = within(fieldOf('model'))
    const words = "flux2 isn't offered here."
    expect(fieldOf('model').textContent).not.toContain(words)
    offer('generate_image')
    expect(fieldOf('model').textContent).toContain(words)
    fireEvent.click(field.getByRole('button', { name: 'Change the model' }))
    expect(document.activeElement).toBe(field.getByRole('combobox'))
    fireEvent.click(field.getByRole('option', { name: /Service/ }))
    expect(argsOf(session)).toEqual({ model: 'moss-image' })
    expect(fieldOf('model').textContent).not.toContain('offered here')
  })
})
