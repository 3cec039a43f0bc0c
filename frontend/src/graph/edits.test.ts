import { describe, expect, it } from 'vitest'
import implied from '../../fixtures/implied.json'
import type { Doc, Json, JsonObject } from '../api/schema'
import { toDocument, toSpec } from '../document/convert'
import { applyAll, row } from '../document/ops'
import { canonical, Random } from '../document/random'
import { canConnect, optionsFor } from './connect'
import { type Edit, fieldOf } from './edit'
import { align } from './edits/align'
import { copy } from './edits/copying'
import {
  bypassable,
  reroll,
  setArgument,
  setBypass,
  setLabel,
  setSeed,
  setValue,
} from './edits/fields'
import { addInput, removeInput } from './edits/names'
import { duplicate, paste } from './edits/pasting'
import { addFrame, addNote, moveNodes, setFrame } from './edits/places'
import { removeNodes } from './edits/remove'
import { inputNameProblem, renameArtifact, renameInput } from './edits/renaming'
import { addStage, insertOnEdge, reorder } from './edits/stages'
import { disconnect, makeReal } from './edits/wires'
import { placesOf } from './layout'
import { docOf, fixed, input, resultOf, TOOLS, tool, wired } from './testing'
import { tidy } from './tidy'
import { INPUTS, OUT, type Wire } from './wiring'

const done = (doc: Doc, edit: Edit): Doc => applyAll(doc, edit.ops).doc
const stage = (doc: Doc, key: string) => row(doc, 'stages', key) as JsonObject
const args = (doc: Doc, key: string) => fieldOf(stage(doc, key), ['args']) as JsonObject
const joined = (doc: Doc) =>
  wired(doc).edges.map(
    (wire) =>
      `${wire.source}>${wire.target}${wire.isImplied ? '?' : ''}${wire.isBackward ? '!' : ''}`,
  )
const wireOf = (doc: Doc, source: string, target: string): Wire => {
  const found = wired(doc).edges.find((wire) => wire.source === source && wire.target === target)
  if (!found) throw new Error(`No wire from ${source} to ${target}`)
  return found
}

const chain = docOf(
  [
    fixed('a', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('b', 'upscale_image', { args: { source_image_url: resultOf('a') } }),
    fixed('c', 'generate_video', {
      args: { prompt: '$inputs.brief', reference_image_urls: [resultOf('b'), resultOf('a')] },
    }),
  ],
  [input('brief', 'text')],
  {
    graph: {
      nodes: [
        { stageId: 'a', x: 0, y: 0 },
        { stageId: 'b', x: 280, y: 4 },
      ],
    },
  },
)

describe('a label that is taken', () => {
  const labels = (doc: Doc) => doc.stages.order.map((key) => stage(doc, key).label)

  it('is numbered when a stage is added, copied or pasted', () => {
    const first = done(
      docOf([]),
      addStage(docOf([]), wired(docOf([])), TOOLS, tool('generate_image'), null),
    )
    const second = done(first, addStage(first, wired(first), TOOLS, tool('generate_image'), null))
    expect(labels(second)).toEqual(['Generate image', 'Generate image 2'])
    const hero = docOf([fixed('a', 'generate_image', { label: 'Hero' })])
    const copied = done(hero, duplicate(hero, ['a']))
    expect(labels(copied)).toEqual(['Hero', 'Hero 2'])
    const pasted = paste(copied, copy(copied, ['a']), { x: 0, y: 0 })
    expect('ops' in pasted && labels(done(copied, pasted))).toEqual(['Hero', 'Hero 2', 'Hero 3'])
  })
})

describe('addStage', () => {
  const add = (doc: Doc, name: string, joins = {}) =>
    addStage(doc, wired(doc), TOOLS, tool(name), { x: 13, y: 7 }, joins)

  it('makes a stage of its own name, last, on the grid', () => {
    const edit = add(chain, 'generate_image')
    const doc = done(chain, edit)
    expect(doc.stages.order).toEqual(['a', 'b', 'c', 'generate-image'])
    expect(edit.select).toEqual(['generate-image'])
    expect(stage(doc, 'generate-image')).toEqual({
      id: 'generate-image',
      type: 'fixed',
      label: 'Generate image',
      tool: 'generate_image',
      produces: ['generate-image'],
      args: {},
    })
    expect(row(doc, 'nodes', 'generate-image')).toEqual({ stageId: 'generate-image', x: 12, y: 8 })
    expect(done(doc, add(doc, 'generate_image')).stages.order.at(-1)).toBe('generate-image-2')
  })

  it('joins what it was dropped from', () => {
    const doc = done(
      chain,
      add(chain, 'upscale_image', { connectFrom: { node: 'b', socket: OUT } }),
    )
    expect(args(doc, 'upscale-image')).toEqual({ source_image_url: resultOf('b') })
  })

  it('takes an input by its kind', () => {
    const from = { node: INPUTS, socket: 'brief' }
    const doc = done(chain, add(chain, 'generate_music', { connectFrom: from }))
    expect(args(doc, 'generate-music')).toEqual({ prompt: '$inputs.brief' })
  })

  it('is before what it feeds', () => {
    const to = { node: 'b', socket: 'port:image' }
    const doc = done(chain, add(chain, 'generate_image', { connectTo: to }))
    expect(doc.stages.order).toEqual(['a', 'generate-image', 'b', 'c'])
    expect(joined(doc)).toContain('generate-image>b')
  })
})

describe('edges', () => {
  it('are taken out of lists and single arguments', () => {
    const one = done(chain, disconnect(chain, wireOf(chain, 'a', 'c')))
    expect(args(one, 'c').reference_image_urls).toEqual([resultOf('b')])
    const none = done(one, disconnect(one, wireOf(one, 'b', 'c')))
    expect(args(none, 'c')).toEqual({ prompt: '$inputs.brief' })
    expect(args(done(chain, disconnect(chain, wireOf(chain, 'a', 'b'))), 'b')).toEqual({})
  })

  it('that are implied become real, all of their stage', () => {
    const doc = docOf([
      fixed('a', 'generate_video', { args: { prompt: 'x' } }),
      fixed('b', 'generate_video', { args: { prompt: 'x' } }),
      fixed('c', 'stitch_video'),
    ])
    const after = done(doc, makeReal(doc, wired(doc), TOOLS, wireOf(doc, 'a', 'c')))
    expect(args(after, 'c')).toEqual({ reference_video_urls: [resultOf('a'), resultOf('b')] })
    expect(joined(after)).toEqual(['a>c', 'b>c'])
  })

  it.each(implied.map((known, at) => [at, known] as const))(
    "that are implied are written as the server's fix does, case %i",
    (_, known) => {
      const doc = toDocument(known.spec as unknown as JsonObject)
      const wiring = wired(doc)
      const key = doc.stages.order.find((each) => stage(doc, each).id === known.stage) as string
      const wire = wiring.into.get(key)?.find((each) => each.isImplied)
      if (!wire) throw new Error('Nothing is implied.')
      const after = done(doc, makeReal(doc, wiring, TOOLS, wire))
      expect(toSpec(after).stages).toEqual(known.real)
    },
  )

  it('take a stage in, and keep the rest', () => {
    const edit = insertOnEdge(
      chain,
      wired(chain),
      TOOLS,
      wireOf(chain, 'b', 'c'),
      tool('apply_style'),
    )
    const doc = done(chain, edit)
    const key = edit.select?.[0] as string
    expect(args(doc, 'c').reference_image_urls).toEqual([resultOf(key), resultOf('a')])
    expect(args(doc, key)).toEqual({ source_image_url: resultOf('b') })
    expect(doc.stages.order).toEqual(['a', 'b', key, 'c'])
    expect({ ...stage(doc, 'c'), args: null }).toEqual({ ...stage(chain, 'c'), args: null })
  })

  it('that are implied take a stage in', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { args: { prompt: 'x' } }),
      fixed('b', 'generate_video', { args: { prompt: 'x' } }),
    ])
    const edit = insertOnEdge(doc, wired(doc), TOOLS, wireOf(doc, 'a', 'b'), tool('upscale_image'))
    expect(joined(done(doc, edit))).toEqual(['a>upscale-image', 'upscale-image>b'])
  })

  it('from an input take a stage in', () => {
    const doc = docOf(
      [fixed('b', 'upscale_image', { args: { source_image_url: '$inputs.photo' } })],
      [input('photo', 'image')],
    )
    const edit = insertOnEdge(
      doc,
      wired(doc),
      TOOLS,
      wireOf(doc, INPUTS, 'b'),
      tool('restore_photo'),
    )
    expect(joined(done(doc, edit))).toEqual(['$inputs>restore-photo', 'restore-photo>b'])
  })
})

describe('removeNodes', () => {
  it('takes rows and bindings along', () => {
    const doc = done(chain, removeNodes(chain, wired(chain), ['b']))
    expect(doc.stages.order).toEqual(['a', 'c'])
    expect(args(doc, 'c').reference_image_urls).toEqual([resultOf('a')])
    expect(row(doc, 'nodes', 'b')).toBeUndefined()
  })

  it('heals an edge when the kinds fit', () => {
    const doc = done(chain, removeNodes(chain, wired(chain), ['b'], { heal: true }))
    expect(args(doc, 'c').reference_image_urls).toEqual([resultOf('a'), resultOf('a')])
  })

  it('heals over several', () => {
    const more = done(
      chain,
      insertOnEdge(chain, wired(chain), TOOLS, wireOf(chain, 'b', 'c'), tool('apply_style')),
    )
    const doc = done(more, removeNodes(more, wired(more), ['b', 'apply-style'], { heal: true }))
    expect(joined(doc)).toEqual(['$inputs>a', '$inputs>c', 'a>c', 'a>c'])
  })

  it('does not heal what does not fit', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { args: { prompt: 'x' } }),
      fixed('b', 'generate_video', { args: { reference_image_urls: [resultOf('a')] } }),
      fixed('c', 'upscale_video', { args: { reference_video_url: resultOf('b') } }),
    ])
    expect(args(done(doc, removeNodes(doc, wired(doc), ['b'], { heal: true })), 'c')).toEqual({})
  })

  it('forgets names that no one makes', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { args: { prompt: 'x' } }),
      fixed('b', 'generate_image', { requiredArtifactsIn: ['a'], optionalArtifactsIn: ['a', 'z'] }),
    ])
    const after = stage(done(doc, removeNodes(doc, wired(doc), ['a'])), 'b')
    expect(after.requiredArtifactsIn).toBeUndefined()
    expect(after.optionalArtifactsIn).toEqual(['z'])
  })

  it('knows frames and notes, and leaves the inputs', () => {
    let doc = done(chain, addFrame(chain, { x: 0, y: 0, width: 300, height: 200 }))
    doc = done(doc, addNote(doc, { x: 0, y: 0 }, 'hello'))
    doc = done(doc, removeNodes(doc, wired(doc), ['frame:frame', 'note:note', INPUTS]))
    expect([doc.frames.order, doc.notes.order, doc.inputs.order]).toEqual([[], [], ['brief']])
  })
})

describe('names', () => {
  it('of an input are rewritten wherever they are said', () => {
    const doc = docOf(
      [
        fixed('a', 'generate_image', {
          args: { prompt: '$inputs.brief', loras: ['$inputs.brief[0]'] },
        }),
        {
          id: 'b',
          type: 'batch',
          produces: ['b'],
          itemName: 'x',
          overBinding: '$inputs.brief',
          itemStage: { tool: 'generate_image', args: { prompt: '$inputs.brief' } },
        },
        fixed('c', 'generate_image', {
          condition: { type: 'expr', expression: '$inputs.brief == "x" && $inputs.briefing' },
        }),
        fixed('d', 'generate_image', {
          subStages: [fixed('e', 'generate_image', { args: { prompt: '$inputs.brief' } })],
        }),
      ],
      [input('brief', 'text')],
    )
    const after = done(doc, renameInput(doc, 'brief', 'idea'))
    const text = JSON.stringify(toSpec(after))
    expect(text.match(/\$inputs\.brief\b/g)).toBeNull()
    expect(text.match(/\$inputs\.idea\b/g)?.length).toBe(6)
    expect(text).toContain('$inputs.briefing')
    expect(after.inputs.order).toEqual(['brief'])
  })

  it('of an input are free and usable', () => {
    const doc = done(chain, addInput(chain, 'image', 'My photo!'))
    expect(doc.inputs.order).toEqual(['brief', 'My_photo'])
    expect(inputNameProblem(doc, 'brief')).toBe('Another input has this name.')
    expect(inputNameProblem(doc, 'brief', 'brief')).toBeNull()
    expect(inputNameProblem(doc, '9lives')).not.toBeNull()
    const renamed = done(doc, renameInput(doc, 'My_photo', 'brief'))
    expect(fieldOf(row(renamed, 'inputs', 'My_photo'), ['name'])).toBe('brief_2')
  })

  it('of an input that goes are taken out', () => {
    const tried = done(chain, setValue(chain, 'brief', 'a fox'))
    const doc = done(tried, removeInput(tried, 'brief'))
    expect(args(doc, 'a')).toEqual({})
    expect(doc.values.order).toEqual([])
  })

  it('of a result are rewritten where it is meant', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { produces: ['look'] }),
      fixed('b', 'upscale_image', {
        produces: ['look'],
        args: { source_image_url: resultOf('look') },
      }),
      fixed('c', 'upscale_image', { args: { source_image_url: resultOf('look') } }),
    ])
    const after = done(doc, renameArtifact(doc, 'a', 'look', 'first'))
    expect(args(after, 'b').source_image_url).toBe(resultOf('first'))
    expect(args(after, 'c').source_image_url).toBe(resultOf('look'))
    expect(joined(after)).toEqual(joined(doc))
  })
})

describe('fields', () => {
  it('of a batch are those of its item', () => {
    const doc = docOf([{ id: 'b', type: 'batch', itemStage: { tool: 'generate_image' } }])
    const after = done(doc, setArgument(doc, 'b', 'prompt', 'x'))
    expect(fieldOf(stage(after, 'b'), ['itemStage', 'args', 'prompt'])).toBe('x')
  })

  it('replace arguments that are no object', () => {
    const doc = docOf([fixed('a', 'generate_image', { args: null })])
    expect(args(done(doc, setArgument(doc, 'a', 'prompt', 'x')), 'a')).toEqual({ prompt: 'x' })
  })

  it('say nothing twice', () => {
    expect(setArgument(chain, 'a', 'prompt', '$inputs.brief').ops).toEqual([])
    expect(setLabel(chain, 'a', '').ops).toEqual([])
    expect(setValue(chain, 'brief', undefined).ops).toEqual([])
    expect(setSeed(chain, 'a', null).ops).toEqual([])
  })

  it('hold seeds, in the arguments where one is there', () => {
    const doc = done(
      chain,
      reroll(chain, ['a', 'b'], () => 0.5),
    )
    expect(doc.seeds.rows).toEqual({ a: { seed: 2 ** 31 }, b: { seed: 2 ** 31 } })
    const written = done(chain, setArgument(chain, 'a', 'seed', 7))
    expect(args(done(written, setSeed(written, 'a', 9)), 'a').seed).toBe(9)
  })

  it('mean also what is inside a stage, unless it is another stage', () => {
    const seeds = { 'a.still': 1, 'a.b.clip': 2, x: 3, 'c.d': 4, 'a.b': 5, z: 6 }
    const group = fixed('c', '', { subStages: [fixed('x', 'generate_image')] })
    const stages = [fixed('a', 'template:shot@0.0.1'), group, fixed('a.b', 'note')]
    const doc = { ...docOf(stages), seeds: { order: Object.keys(seeds), rows: seeds } }
    const seedsAfter = (edit: Edit) => done(doc, edit).seeds.rows
    expect(seedsAfter(reroll(doc, ['a'], () => 0))).toEqual({
      ...{ 'a.b.clip': 2, x: 3, 'c.d': 4, 'a.b': 5, z: 6 },
      a: { seed: 0 },
    })
    const left = seedsAfter(removeNodes(doc, wired(doc), ['a', 'c']))
    expect(left).toEqual({ 'a.b.clip': 2, 'a.b': 5, z: 6 })
    const copied = seedsAfter(duplicate(doc, ['a']))
    expect(copied).toEqual({ ...seeds, 'a-2.still': 1 })
  })
})

describe('copies', () => {
  it('are beside the original, wired among themselves', () => {
    const edit = duplicate(chain, ['a', 'b'])
    const doc = done(chain, edit)
    expect(doc.stages.order).toEqual(['a', 'b', 'a-2', 'b-2', 'c'])
    expect(args(doc, 'b-2').source_image_url).toBe(resultOf('a-2'))
    expect(args(doc, 'a-2').prompt).toBe('$inputs.brief')
    expect(row(doc, 'nodes', 'b-2')).toEqual({ stageId: 'b-2', x: 312, y: 36 })
  })

  it('come back as text, with the inputs they name', () => {
    const empty = docOf([])
    const edit = paste(empty, copy(chain, ['a', 'c']), { x: 100, y: 100 })
    if ('problem' in edit) throw new Error(edit.problem)
    const doc = done(empty, edit)
    expect(doc.inputs.order).toEqual(['brief'])
    expect(args(doc, 'c').reference_image_urls).toEqual([resultOf('a')])
    expect(row(doc, 'nodes', 'a')).toEqual({ stageId: 'a', x: 100, y: 100 })
  })

  it('of a whole template, also in its envelope', () => {
    const spec = toSpec(chain)
    const empty = docOf([])
    for (const text of [JSON.stringify(spec), JSON.stringify({ data: { template: spec } })]) {
      const edit = paste(empty, text, { x: 0, y: 0 })
      if ('problem' in edit) throw new Error(edit.problem)
      expect(joined(done(empty, edit))).toEqual(joined(chain))
    }
  })

  it.each(['', 'hello', '{}', '[]', '{"stages":[]}', '{"stages":[1]}'])('refuse %s', (text) => {
    expect(paste(chain, text, { x: 0, y: 0 })).toHaveProperty('problem')
  })

  it('never collide', () => {
    let doc = chain
    const text = copy(chain, ['a', 'b', 'c'])
    for (let round = 0; round < 5; round += 1) {
      const edit = paste(doc, text, { x: 0, y: 0 })
      if ('problem' in edit) throw new Error(edit.problem)
      doc = done(doc, edit)
    }
    expect(doc.stages.order.length).toBe(18)
    const made = doc.stages.order.flatMap((key) => stage(doc, key).produces as Json[])
    expect(new Set(made).size).toBe(18)
    expect(joined(doc).filter((wire) => wire.endsWith('!'))).toEqual([])
    expect(wired(doc).edges.length).toBe(6 * wired(chain).edges.length)
  })
})

describe('places', () => {
  const shown = placesOf(chain, wired(chain))

  it('are stored with the first move, and only then', () => {
    expect([...shown.keys()].toSorted()).toEqual(['$inputs', 'a', 'b', 'c'])
    const doc = done(chain, moveNodes(chain, new Map([['a', { x: 5, y: 6 }]]), shown))
    expect(doc.nodes.order.toSorted()).toEqual(['$inputs', 'a', 'b', 'c'])
    expect(row(doc, 'nodes', 'a')).toEqual({ stageId: 'a', x: 4, y: 8 })
    expect(placesOf(doc, wired(doc)).get('c')).toEqual(shown.get('c'))
  })

  it.each([
    'left',
    'right',
    'top',
    'bottom',
    'center',
    'middle',
    'distribute-x',
    'distribute-y',
  ] as const)('are aligned: %s', (how) => {
    const doc = done(chain, align(chain, wired(chain), ['a', 'b', 'c'], how, shown))
    const again = align(doc, wired(doc), ['a', 'b', 'c'], how, placesOf(doc, wired(doc)))
    const far = again.ops.filter((op) => op.op === 'set' && typeof op.value !== 'number')
    expect(far).toEqual([])
  })

  it('of frames change field by field', () => {
    const doc = done(chain, addFrame(chain, { x: 1, y: 2, width: 99, height: 50 }, 'Act one'))
    const after = done(doc, setFrame(doc, 'frame', { title: 'Act two', hue: 120, width: 201 }))
    expect(row(after, 'frames', 'frame')).toEqual({
      id: 'frame',
      x: 0,
      y: 4,
      width: 200,
      height: 52,
      title: 'Act two',
      hue: 120,
    })
  })

  it('are tidied without overlaps, in columns', () => {
    const doc = done(chain, tidy(chain, wired(chain)))
    const xs = ['a', 'b', 'c'].map((id) => fieldOf(row(doc, 'nodes', id), ['x']) as number)
    expect([(xs[1] ?? 0) - (xs[0] ?? 0), (xs[2] ?? 0) - (xs[1] ?? 0)]).toEqual([280, 280])
  })
})

describe('reorder', () => {
  it('takes along what must stay behind or before', () => {
    const wiring = wired(chain)
    const up = done(chain, reorder(chain, wiring, 'c', null))
    expect(up.stages.order).toEqual(['a', 'b', 'c'])
    const down = done(chain, reorder(chain, wiring, 'a', 'b'))
    expect(joined(down).some((wire) => wire.endsWith('!'))).toBe(false)
  })

  it('moves what is free', () => {
    const doc = docOf([
      fixed('a', 'generate_music', { args: { prompt: 'x' } }),
      fixed('b', 'generate_speech', { args: { prompt: 'x' } }),
      fixed('c', 'generate_image', { args: { prompt: 'x' } }),
    ])
    expect(done(doc, reorder(doc, wired(doc), 'c', null)).stages.order).toEqual(['c', 'a', 'b'])
    expect(done(doc, reorder(doc, wired(doc), 'a', 'c')).stages.order).toEqual(['b', 'c', 'a'])
    expect(reorder(doc, wired(doc), 'b', 'a').ops).toEqual([])
  })
})

// -- properties ----------------------------------------------------------------------------------

function randomEdit(doc: Doc, random: Random): Edit | null {
  const wiring = wired(doc)
  const keys = doc.stages.order
  const key = keys.length > 0 ? random.pick(keys) : ''
  const wire = wiring.edges.length > 0 ? random.pick(wiring.edges) : null
  const names = [
    'generate_image',
    'generate_video',
    'stitch_video',
    'edit_image',
    'generate_speech',
    'sound_to_video',
  ]
  const some = tool(random.pick(names))
  switch (random.below(16)) {
    case 0:
    case 1:
      return addStage(doc, wiring, TOOLS, some, { x: random.below(999), y: random.below(999) })
    case 2:
      return addStage(
        doc,
        wiring,
        TOOLS,
        some,
        null,
        key ? { connectFrom: { node: key, socket: OUT } } : {},
      )
    case 3:
    case 4:
    case 5: {
      const groups = key ? optionsFor(doc, wiring, TOOLS, { node: key, socket: OUT }) : []
      const options = groups.flatMap((group) => group.options)
      return options.length > 0 ? random.pick(options).edit() : null
    }
    case 6: {
      const groups = doc.inputs.order[0]
        ? optionsFor(doc, wiring, TOOLS, { node: INPUTS, socket: random.pick(doc.inputs.order) })
        : []
      const options = groups.flatMap((group) => group.options)
      return options.length > 0 ? random.pick(options).edit() : null
    }
    case 7:
      return wire && disconnect(doc, wire)
    case 8:
      return wire?.isImplied ? makeReal(doc, wiring, TOOLS, wire) : null
    case 9:
      return wire && (wire.kind === 'image' || wire.kind === 'video')
        ? insertOnEdge(
            doc,
            wiring,
            TOOLS,
            wire,
            tool(wire.kind === 'image' ? 'upscale_image' : 'upscale_video'),
          )
        : null
    case 10:
      return key ? removeNodes(doc, wiring, [key], { heal: random.chance(0.5) }) : null
    case 11:
      return key ? duplicate(doc, [key, ...(random.chance(0.5) ? [random.pick(keys)] : [])]) : null
    case 12: {
      const edit = key ? paste(doc, copy(doc, [key]), { x: 0, y: 0 }) : null
      return edit && 'problem' in edit ? null : edit
    }
    case 13:
      return addInput(doc, random.pick(['text', 'image', 'number']))
    case 14:
      return doc.inputs.order[0]
        ? random.chance(0.5)
          ? renameInput(doc, doc.inputs.order[0], random.pick(['a', 'b', 'c']))
          : removeInput(doc, doc.inputs.order[0])
        : null
    default:
      return key ? reorder(doc, wiring, key, random.chance(0.3) ? null : random.pick(keys)) : null
  }
}

describe('whatever is done', () => {
  it('wires point forward, undo restores, and the spec is JSON', { timeout: 30_000 }, () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = new Random(seed)
      let doc = docOf([])
      for (let step = 0; step < 40; step += 1) {
        const edit = randomEdit(doc, random)
        if (!edit) continue
        const { doc: after, inverse } = applyAll(doc, edit.ops)
        expect(canonical(applyAll(after, inverse).doc), edit.label).toBe(canonical(doc))
        expect(edit.label.length).toBeLessThanOrEqual(120)
        const backward = wired(after).edges.filter((wire) => wire.isBackward)
        expect(backward, `${seed}/${step} ${edit.label}`).toEqual([])
        const broken = [...wired(after).nodes.values()].flatMap((node) =>
          node.inputs.filter((socket) => socket.isBroken),
        )
        expect(broken, `${seed}/${step} ${edit.label}`).toEqual([])
        doc = after
      }
      const spec = toSpec(doc)
      expect(JSON.parse(JSON.stringify(spec))).toEqual(spec)
      expect(toDocument(spec).stages).toEqual(doc.stages)
    }
  })

  it('drawing any legal edge changes exactly one argument', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const random = new Random(seed + 1_000)
      let doc = docOf([])
      for (let step = 0; step < 12; step += 1) {
        const edit = randomEdit(doc, random)
        if (edit) doc = done(doc, edit)
      }
      const wiring = wired(doc)
      for (const key of doc.stages.order)
        for (const group of optionsFor(doc, wiring, TOOLS, { node: key, socket: OUT }))
          for (const option of group.options) {
            const answer = canConnect(doc, wiring, TOOLS, { node: key, socket: OUT }, option)
            if (!answer.ok) throw new Error(answer.reason)
            const after = done(doc, answer)
            const changed = after.stages.order.flatMap((other) => {
              const fields = { ...args(doc, other), ...args(after, other) }
              return Object.keys(fields).filter(
                (name) => args(doc, other)[name] !== args(after, other)[name],
              )
            })
            expect(changed.length, answer.label).toBe(option.socket === 'after' ? 0 : 1)
          }
    }
  })
})

describe('bypassing', () => {
  it('is for stages that get media of the type they make, all in one edit', () => {
    const doc = docOf(
      [
        fixed('a', 'generate_image'),
        fixed('b', 'upscale_image', { args: { source_image_url: resultOf('a') } }),
        fixed('c', 'remove_background'),
        fixed('film', 'animate_photo'),
      ],
      [input('photo', 'image')],
    )
    const keys = bypassable(wired(doc), [INPUTS, 'a', 'b', 'c', 'film', 'gone'], true)
    expect(keys).toEqual(['b', 'c'])
    const edit = setBypass(doc, keys, true)
    expect(edit.label).toBe('Bypass 2 stages')
    const after = done(doc, edit)
    expect(stage(after, 'b').bypass).toBe(true)
    expect(joined(after)).toEqual(joined(doc))
    expect(wired(after).nodes.get('b')?.isBypassed).toBe(true)
    expect(bypassable(wired(after), ['a', 'b', 'c'], false)).toEqual(keys)
    expect(done(after, setBypass(after, keys, false)).stages).toEqual(doc.stages)
  })
})
