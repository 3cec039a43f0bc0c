import { expect, test } from 'vitest'
import type { Doc, Json, ToolPort, Use } from '../api/schema'
import { applyAll, row } from '../document/ops'
import { addStage, insertOnEdge } from './edits/stages'
import { stagesUsing, updateUse } from './edits/uses'
import { connect } from './edits/wires'
import { unknownReferences, withTemplates } from './templates'
import { docOf, fixed, input, resultOf, TOOLS, tool } from './testing'
import { isListArgument } from './tools'
import { readWiring } from './wiring'

const SHOT = template('shot', '0.0.7', [port('hero', { isRequired: true }), port('more_looks')])
const LISTS = template('lists', '0.0.1', [port('looks', { isList: true, maxItems: 3 })])
const TABLE = TOOLS.withUses([SHOT, LISTS])
const HERE = { x: 0, y: 0 }

function port(name: string, more: Partial<ToolPort> = {}): ToolPort {
  return {
    name,
    title: name,
    help: '',
    kind: 'image',
    argument: name,
    spellings: [name],
    isList: false,
    isRequired: false,
    implied: 'none',
    when: null,
    maxItems: 0,
    ...more,
  }
}

/** A template that makes a video, must be told a subject, and has 5 stages. */
function template(id: string, version: string, ports: ToolPort[]): Use {
  const reference = `template:${id}@${version}`
  const [subject] = tool('generate_image').parameters.filter(({ name }) => name === 'prompt')
  if (!subject) throw new Error('No such parameter.')
  const parameters = [{ ...subject, name: 'subject', spellings: ['subject'], isRequired: true }]
  const base = { ...tool('generate_image'), name: reference, title: 'Shot', group: 'Templates' }
  return {
    reference,
    template: id,
    version,
    title: 'Shot',
    owner: 'alice',
    stages: 5,
    mayOpen: true,
    newer: '',
    outputs: [],
    tool: { ...base, output: 'video', ports, parameters },
  }
}

function wired(doc: Doc) {
  return readWiring(doc, TABLE)
}

function added(doc: Doc, use: Use): Doc {
  return applyAll(doc, addStage(doc, wired(doc), TABLE, use.tool, HERE).ops).doc
}

function stage(doc: Doc, key: string): Record<string, Json> {
  return row(doc, 'stages', key) as Record<string, Json>
}

test('a stage finds its template among the uses, and no list of tools has it', () => {
  expect(TABLE.get('template:shot@0.0.7')).toBe(SHOT.tool)
  expect(TABLE.get('template:shot@0.0.8')).toBeNull()
  expect(TOOLS.get('template:shot@0.0.7')).toBeNull()
  expect(TABLE.all).toBe(TOOLS.all)
})

test('a table learns of a newer version of what it knows', () => {
  const table = TABLE.withUses([{ ...SHOT, newer: '0.0.9' }])
  expect(table.use(SHOT.reference)?.newer).toBe('0.0.9')
  expect(table.use(LISTS.reference)).toBe(LISTS)
})

test('an input of a template takes a list when it says so, whatever its name', () => {
  expect(isListArgument(port('looks', { isList: true }), 'looks')).toBe(true)
  expect(isListArgument(port('old_urls'), 'old_urls')).toBe(false)
  expect(isListArgument(undefined, 'sourceImageIndices')).toBe(true)
  const [image] = tool('edit_image').ports
  expect(image && isListArgument(image, image.argument)).toBe(image?.isList)
})

test('a node says its template, its version and how much is inside', () => {
  const doc = docOf([fixed('shot', SHOT.reference), fixed('gone', 'template:gone@0.0.1')])
  const { nodes } = wired(doc)
  expect(nodes.get('shot')).toMatchObject({
    meta: 'Shot 0.0.7, 5 stages inside',
    inside: 5,
    kind: 'video',
  })
  expect(nodes.get('shot')?.inputs.map(({ key }) => key)).toEqual([
    'port:hero',
    'port:more_looks',
    'arg:subject',
  ])
  expect(nodes.get('gone')).toMatchObject({ meta: 'Template unavailable', inside: 0, tool: null })
  expect(unknownReferences(doc, TABLE)).toEqual(['template:gone@0.0.1'])
})

test('an inserted template takes the newest result and the input of the same name', () => {
  const picture = fixed('picture', 'generate_image', { args: { prompt: '$inputs.subject' } })
  const doc = added(docOf([picture], [input('brief', 'text'), input('subject', 'text')]), SHOT)
  expect(stage(doc, 'shot')).toMatchObject({
    label: 'Shot',
    tool: 'template:shot@0.0.7',
    produces: ['shot'],
    args: { hero: resultOf('picture'), subject: '$inputs.subject' },
  })
})

test('what nothing obvious fits is left to the person', () => {
  const doc = added(docOf([fixed('song', 'generate_music')], [input('brief', 'text')]), SHOT)
  expect(stage(doc, 'shot').args).toEqual({})
})

test('a template is put into an edge, and its result goes on', () => {
  const film = fixed('film', 'stitch_video', { args: { reference_video_urls: [resultOf('clip')] } })
  const doc = docOf([fixed('clip', 'generate_video'), film])
  const use = template('grade', '0.0.1', [port('footage', { kind: 'video', isRequired: true })])
  const table = TOOLS.withUses([use])
  const wiring = readWiring(doc, table)
  const wire = wiring.edges.find(({ target }) => target === 'film')
  if (!wire) throw new Error('No such edge.')
  const result = applyAll(doc, insertOnEdge(doc, wiring, table, wire, use.tool).ops).doc
  expect(stage(result, 'shot').args).toEqual({ footage: resultOf('clip') })
  expect(stage(result, 'film').args).toEqual({ reference_video_urls: [resultOf('shot')] })
})

test('stages are taken to a newer version with all that they say, in one change', () => {
  const args = { hero: '$inputs.hero', gone: 3 }
  const each = {
    type: 'batch',
    itemStage: { tool: SHOT.reference, args },
    overBinding: '$inputs.h',
  }
  const doc = docOf([
    fixed('one', SHOT.reference, { args, label: 'Opening' }),
    { id: 'each', produces: ['each'], ...each },
    fixed('other', LISTS.reference),
    {
      id: 'group',
      type: 'fixed',
      subStages: [{ id: 'in', type: 'fixed', tool: SHOT.reference, args }],
    },
  ])
  expect(stagesUsing(doc, SHOT.reference)).toEqual(['one', 'each', 'group'])
  const newer = { ...SHOT, reference: 'template:shot@0.0.9', version: '0.0.9' }
  const edit = updateUse(doc, ['one', 'each', 'group'], SHOT.reference, newer)
  expect(edit.label).toBe('Update 3 uses of Shot to 0.0.9')
  const after = applyAll(doc, edit.ops).doc
  expect(stage(after, 'one')).toMatchObject({ tool: newer.reference, args })
  expect(stage(after, 'each').itemStage).toEqual({ tool: newer.reference, args })
  expect(stage(after, 'group').subStages).toEqual([
    { id: 'in', type: 'fixed', tool: newer.reference, args },
  ])
  expect(stage(after, 'other').tool).toBe(LISTS.reference)
  expect(updateUse(doc, ['one'], SHOT.reference, newer).label).toBe('Update Opening to 0.0.9')
})

test('stages name templates otherwise, wherever they are', () => {
  const names = { 'template:a@1': 'template:b@2' }
  const body = (tool: string): Json => ({
    name: 'Film',
    stages: [
      { id: 'x', tool, subStages: [{ tool }, { itemStage: { tool }, args: { tool: 'as it is' } }] },
      5,
    ],
  })
  expect(withTemplates(body('template:a@1'), names)).toEqual(body('template:b@2'))
  expect(withTemplates(body('edit_image'), names)).toEqual(body('edit_image'))
})

test('a template has a port for each output, and a connection from it names the output', () => {
  const outputs: Use['outputs'] = [
    { name: 'film', title: 'Film', kind: 'video' },
    { name: 'poster', title: 'Poster', kind: 'image' },
    { name: 'words', title: 'Words', kind: null },
  ]
  const reel = { ...template('reel', '0.0.1', []), outputs }
  const table = TOOLS.withUses([reel])
  const item = { type: 'fixed', tool: reel.reference, args: {} }
  const reels = { id: 'reels', type: 'batch', overBinding: '$inputs.lines', itemStage: item }
  const doc = docOf([
    fixed('reel', reel.reference, { produces: ['reel'] }),
    { ...reels, itemName: 'line', produces: ['reels'] },
    fixed('end', 'edit_image', { args: { prompt: 'x' } }),
  ])
  const wiring = readWiring(doc, table)
  for (const key of ['reel', 'reels'])
    expect(wiring.nodes.get(key)?.outputs.map((one) => [one.key, one.title, one.kind])).toEqual([
      ['out', 'Film', 'video'],
      ['out:poster', 'Poster', 'image'],
      ['out:words', 'Words', 'choice'],
    ])
  const end = { node: 'end', socket: 'port:image' }
  const port = wiring.nodes.get('end')?.inputs.find(({ kind }) => kind === 'image')
  for (const key of ['reel', 'reels']) {
    const source = { node: key, socket: 'out:poster' }
    const target = { ...end, socket: port?.key ?? '' }
    const connected = applyAll(doc, connect(doc, wiring, table, source, target).ops).doc
    const wire = readWiring(connected, table).edges.find(({ target }) => target === 'end')
    expect(wire).toMatchObject({ source: key, sourceSocket: 'out:poster', kind: 'image' })
    expect(wire?.text).toContain(`$artifacts.${key}.poster.items[`)
  }
})
