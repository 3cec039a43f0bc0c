import { describe, expect, test } from 'vitest'
import { diff } from '../document/diff'
import { applyAll } from '../document/ops'
import { docOf, fixed, input, largeDoc, resultOf, TOOLS } from '../graph/testing'
import { entriesOf, takeOps } from './entries'
import { portNotes } from './portNotes'
import { diffTexts } from './texts'
import { unionOf } from './union'

const places = (...at: [string, number, number][]) => ({
  graph: { nodes: at.map(([stageId, x, y]) => ({ stageId, x, y })), frames: [], notes: [] },
})

const OLD = docOf(
  [
    fixed('still', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('card', 'generate_image', { label: 'Title card', args: { prompt: 'The Last Lamp' } }),
    fixed('clip', 'generate_video', {
      label: 'Shots',
      args: {
        prompt: 'Slow push in, the lamp turns once.',
        reference_image_urls: [resultOf('still'), resultOf('card')],
      },
    }),
  ],
  [input('brief', 'text')],
  places(['still', 0, 0], ['card', 0, 300], ['clip', 280, 0]),
)
const NEW = docOf(
  [
    fixed('still', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('clip', 'generate_video', {
      label: 'Shots',
      args: {
        prompt: 'Slow push in, the lamp turns three times.',
        reference_image_urls: [resultOf('still')],
      },
    }),
    fixed('big', 'upscale_video', {
      label: 'Bigger',
      args: { reference_video_url: resultOf('clip') },
    }),
  ],
  [input('brief', 'text'), input('mood', 'text')],
  places(['still', 40, 0], ['clip', 280, 0], ['big', 560, 0]),
)

describe('entriesOf', () => {
  const entries = entriesOf(OLD, NEW, TOOLS)

  test('names what came, went, changed and moved, fields as their forms do', () => {
    expect(entries.map(({ kind, title, detail }) => [kind, title, detail])).toEqual([
      ['moved', 'Still', 'Moved, runs the same'],
      ['removed', 'Title card', 'The stage, Generate image'],
      ['changed', 'Shots', expect.stringContaining('Prompt')],
      ['added', 'Bigger', 'New stage, Upscale video'],
      ['added', 'Mood', 'New input'],
    ])
    const shots = entries.find((entry) => entry.title === 'Shots')
    expect(shots?.fields.map((field) => field.path)).toEqual([
      ['args', 'prompt'],
      ['args', 'reference_image_urls'],
    ])
  })

  test('a template without changes has none', () => {
    expect(entriesOf(NEW, NEW, TOOLS)).toEqual([])
    expect(entriesOf(OLD, JSON.parse(JSON.stringify(OLD)), TOOLS)).toEqual([])
  })

  test('the name and description of the template are an entry', () => {
    const renamed = docOf([], [], { name: 'Storm', description: 'At sea' })
    expect(entriesOf(docOf([]), renamed, TOOLS)).toMatchObject([
      { kind: 'changed', table: 'root', title: 'Storm', detail: 'Name and Description' },
    ])
  })
})

describe('takeOps', () => {
  const entries = entriesOf(NEW, OLD, TOOLS)

  test('all ticked brings everything back but the order', () => {
    const ticked = new Set(entries.flatMap((entry) => entry.units))
    const { doc } = applyAll(NEW, takeOps(NEW, OLD, ticked))
    expect(diff(doc, OLD).filter((op) => op.op !== 'order')).toEqual([])
  })

  test('one field alone is one op', () => {
    const unit = 'stages/clip#args/prompt'
    expect(takeOps(NEW, OLD, new Set([unit]))).toEqual([
      {
        op: 'set',
        table: 'stages',
        key: 'clip',
        path: ['args', 'prompt'],
        value: 'Slow push in, the lamp turns once.',
      },
    ])
  })

  test('a stage that comes back brings its place', () => {
    const ops = takeOps(NEW, OLD, new Set(['stages/card']))
    expect(ops.map((op) => [op.op, op.table])).toEqual([
      ['put', 'stages'],
      ['put', 'nodes'],
    ])
    expect(takeOps(NEW, OLD, new Set())).toEqual([])
  })

  test('a move alone is taken without what else changed', () => {
    const ops = takeOps(NEW, OLD, new Set(['stages/still/place']))
    expect(ops).toEqual([{ op: 'set', table: 'nodes', key: 'still', path: ['x'], value: 0 }])
  })
})

describe('unionOf', () => {
  const union = unionOf(OLD, NEW, entriesOf(OLD, NEW, TOOLS), TOOLS)

  test('holds every node of both, flagged', () => {
    const kinds = [...union.nodes].map(([id, { kind }]) => [id, kind])
    expect(kinds).toEqual([
      ['$inputs', 'changed'],
      ['still', 'moved'],
      ['card', 'removed'],
      ['clip', 'changed'],
      ['big', 'added'],
    ])
    expect(union.nodes.get('still')).toMatchObject({ box: { x: 40 }, was: { x: 0, y: 0 } })
    expect(union.nodes.get('card')?.was).toBeNull()
  })

  test('holds every edge of both, flagged', () => {
    const kind = (source: string, target: string) =>
      union.wires.find(({ wire }) => wire.source === source && wire.target === target)?.kind
    expect(kind('still', 'clip')).toBeNull()
    expect(kind('card', 'clip')).toBe('removed')
    expect(kind('clip', 'big')).toBe('added')
  })

  test('a thousand stages are joined at once', () => {
    const doc = largeDoc(1_000)
    const start = performance.now()
    expect(unionOf(doc, doc, entriesOf(doc, doc, TOOLS), TOOLS).nodes.size).toBe(1_001)
    expect(performance.now() - start).toBeLessThan(4_000)
  })
})

describe('diffTexts', () => {
  const marked = (parts: readonly { text: string; isSame: boolean }[]) =>
    parts.map(({ text, isSame }) => (isSame ? text : `[${text}]`)).join('')

  test('marks words, not letters', () => {
    const { old, new: now } = diffTexts(
      'the lamp turns once. No cuts.',
      'the lamp turns three times. Hold it. No cuts.',
    )
    expect(marked(old)).toBe('the lamp turns [once]. No cuts.')
    expect(marked(now)).toContain('the lamp turns [three times')
    expect(now.map((part) => part.text).join('')).toBe(
      'the lamp turns three times. Hold it. No cuts.',
    )
  })

  test('bears empty texts, equal ones and very long ones', () => {
    expect(diffTexts('', 'a fox').new).toEqual([{ text: 'a fox', isSame: false }])
    expect(diffTexts('a fox', 'a fox').old).toEqual([{ text: 'a fox', isSame: true }])
    const long = Array.from({ length: 20_000 }, (_, at) => `word${at}`).join(' ')
    expect(marked(diffTexts(`${long} end`, `start ${long}`).new)).toContain('start')
  })
})

test('what goes away of a template is said first, then what is new', () => {
  const from = docOf([], [input('photo', 'image'), input('words', 'text')])
  const look = { ...input('look', 'image'), required: true }
  const own = { ...input('own_copy', 'text'), internal: true, default: 'x' }
  const to = docOf([], [input('words', 'text'), look, own], {
    outputs: { film: { from: '$artifacts.a' } },
  })
  expect(portNotes(from, to)).toEqual([
    '“Photo” goes away. Its connection is kept in the stage until you remove it.',
    '“Look” is new and required.',
    'The output “Film” is new.',
  ])
  expect(portNotes(to, from).slice(1)).toEqual([
    'The output “Film” goes away. Connect what takes it to something else.',
    '“Photo” is new.',
  ])
  expect(portNotes(to, to)).toEqual([])
})
