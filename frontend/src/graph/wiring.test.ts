import { describe, expect, it } from 'vitest'
import cases from '../../fixtures/wiring.json'
import type { Json, JsonObject, Op } from '../api/schema'
import { toDocument } from '../document/convert'
import { applyAll, row } from '../document/ops'
import { Random } from '../document/random'
import { readStage } from './documentReaders'
import { docOf, fixed, input, largeDoc, resultOf, TOOLS, wired } from './testing'
import { AFTER, INPUTS, INSIDE, OVER, readWiring, type Wiring } from './wiring'

function shown(spec: JsonObject) {
  const doc = toDocument(spec)
  const wiring = wired(doc)
  const seen = new Set<string>()
  for (const wire of wiring.edges) {
    if (wire.isBackward) continue
    const target = readStage(row(doc, 'stages', wire.target))
    const port = /^port:(.*)$/s.exec(wire.targetSocket)?.[1]
    const over = target.itemName || 'items'
    const inputName =
      port ??
      (wire.targetSocket === INSIDE ? INSIDE : undefined) ??
      (wire.targetSocket === OVER ? over : wire.targetSocket === AFTER ? AFTER : wire.argument)
    const id = (key: string) => readStage(row(doc, 'stages', key)).id || key
    seen.add(
      JSON.stringify([
        id(wire.source),
        wire.sourceSocket,
        id(wire.target),
        inputName,
        wire.kind,
        wire.isImplied,
      ]),
    )
  }
  return [...seen].sort()
}

describe('the wires of a spec', () => {
  it.each(cases.map((known, at) => [at, known] as const))(
    "are the server's in case %i",
    (_, known) => {
      const wires = known.wires.map((wire) =>
        JSON.stringify([
          wire.source,
          wire.output,
          wire.target,
          wire.input,
          wire.kind,
          wire.implied,
        ]),
      )
      expect(shown(known.spec as unknown as JsonObject)).toEqual(wires.sort())
    },
  )
})

describe('the titles of a spec', () => {
  it.each(cases.map((known, at) => [at, known] as const))(
    "are the server's in case %i",
    (_, known) => {
      const doc = toDocument(known.spec as unknown as JsonObject)
      const { nodes } = wired(doc)
      // The server knows no node of what it can't read.
      const readable = doc.stages.order.filter((key) => nodes.get(key)?.isReadable)
      const titles = readable.map((key) => [
        readStage(row(doc, 'stages', key)).id,
        nodes.get(key)?.title,
      ])
      expect(Object.fromEntries(titles)).toEqual(known.titles)
    },
  )

  it('number what only the tool names, and leave what people wrote', () => {
    const titlesOf = (...labels: string[]) =>
      [
        ...wired(docOf(labels.map((label, at) => fixed(`s${at}`, 'generate_image', { label }))))
          .nodes,
      ]
        .filter(([id]) => id !== INPUTS)
        .map(([, node]) => node.title)
    expect(titlesOf('', 'Generate image', '')).toEqual([
      'Generate image',
      'Generate image 2',
      'Generate image 3',
    ])
    expect(titlesOf('Hero', 'Hero')).toEqual(['Hero', 'Hero'])
    expect(titlesOf('', 'Generate image 2', '')).toEqual([
      'Generate image',
      'Generate image 2',
      'Generate image 3',
    ])
  })
})

describe('sockets', () => {
  const sockets = (stage: Json, inputs: Json[] = []) => {
    const doc = docOf([stage], inputs)
    return wired(doc).nodes.get(doc.stages.order[0] as string)?.inputs ?? []
  }

  it('are the media ports, the words, then what is bound', () => {
    const stage = fixed('a', 'generate_speech', { args: { creativity: '$inputs.much' } })
    const keys = sockets(stage, [input('much', 'number')]).map((socket) => socket.key)
    expect(keys).toEqual(['port:voice', 'arg:prompt', 'arg:creativity'])
  })

  it('tell apart what is required, filled, implied and broken', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { args: { prompt: 'a fox' } }),
      fixed('b', 'upscale_image'),
      fixed('c', 'upscale_image', { args: { source_image_url: '$artifacts.nothing' } }),
    ])
    const of = (id: string, key: string) =>
      wired(doc)
        .nodes.get(id)
        ?.inputs.find((socket) => socket.key === key)
    expect(of('a', 'arg:prompt')).toMatchObject({
      isRequired: true,
      isFilled: true,
      isBroken: false,
    })
    expect(of('a', 'port:image')).toMatchObject({ isRequired: false, isFilled: false })
    expect(of('b', 'port:image')).toMatchObject({
      isRequired: true,
      isFilled: true,
      isImplied: true,
    })
    expect(of('c', 'port:image')).toMatchObject({ isBroken: true, isImplied: false })
  })

  it('ask for a voice only when the speech is to be in one', () => {
    const isRequired = (model: string) =>
      sockets(fixed('a', 'generate_speech', { args: { model } }))[0]?.isRequired
    expect(isRequired('clone')).toBe(true)
    expect(isRequired('voice')).toBe(false)
  })

  it('show order that nothing else says', () => {
    const doc = docOf([
      fixed('a', 'generate_music', { args: { prompt: 'slow' } }),
      fixed('b', 'generate_image', { args: { prompt: 'x' }, requiredArtifactsIn: ['a'] }),
    ])
    expect(wired(doc).nodes.get('b')?.inputs.at(-1)).toMatchObject({ key: AFTER, isFilled: true })
  })
})

describe('wires', () => {
  it('say where their text is', () => {
    const args = { reference_image_urls: ['https://a.example/x.png', resultOf('a')] }
    const doc = docOf([fixed('a', 'generate_image'), fixed('b', 'generate_video', { args })])
    expect(wired(doc).edges[0]).toMatchObject({
      source: 'a',
      target: 'b',
      targetSocket: 'port:image',
      argument: 'reference_image_urls',
      field: ['args', 'reference_image_urls'],
      inside: [1],
      place: 1,
      isImplied: false,
      isBackward: false,
    })
  })

  it('that point backward are shown and marked', () => {
    const doc = docOf([
      fixed('a', 'upscale_image', { args: { source_image_url: resultOf('b') } }),
      fixed('b', 'generate_image', { args: { prompt: 'x' } }),
    ])
    expect(wired(doc).edges.map((wire) => [wire.source, wire.isBackward])).toEqual([['b', true]])
  })

  it('have ids that differ and outlive unrelated edits', () => {
    const args = { reference_video_urls: [resultOf('a'), resultOf('b'), resultOf('a')] }
    const doc = docOf([
      fixed('a', 'generate_video', { args: { prompt: 'x' } }),
      fixed('b', 'generate_video', { args: { prompt: 'x' } }),
      fixed('c', 'stitch_video', { args }),
    ])
    const ids = wired(doc)
      .edges.filter((wire) => wire.target === 'c')
      .map((wire) => wire.id)
    expect(new Set(ids).size).toBe(3)
    const list = args.reference_video_urls.toReversed()
    const { doc: turned } = applyAll(doc, [
      { op: 'set', table: 'stages', key: 'c', path: ['args', 'reference_video_urls'], value: list },
    ])
    const after = wired(turned)
      .edges.filter((wire) => wire.target === 'c')
      .map((wire) => wire.id)
    expect(after.toSorted()).toEqual(ids.toSorted())
  })
})

describe('reading again', () => {
  const typed = (wiring: Wiring, doc = largeDoc(40)) => {
    const before = readWiring(doc, TOOLS, wiring)
    const { doc: after } = applyAll(doc, [
      { op: 'set', table: 'stages', key: 's4', path: ['args', 'prompt'], value: 'a fox' },
    ])
    return { before, after: readWiring(after, TOOLS, before) }
  }

  it('gives the same graph for the same tables', () => {
    const doc = largeDoc(12)
    const first = wired(doc)
    expect(readWiring(doc, TOOLS, first)).toBe(first)
    const { doc: moved } = applyAll(doc, [
      { op: 'put', table: 'nodes', key: 's1', value: { stageId: 's1', x: 1, y: 2 } },
    ])
    expect(readWiring(moved, TOOLS, first)).toBe(first)
  })

  it('keeps every node and wire that says the same', () => {
    const { before, after } = typed(wired(largeDoc(40)))
    const changed = [...after.nodes].filter(([id, node]) => before.nodes.get(id) !== node)
    expect(changed.map(([id]) => id)).toEqual(['s4'])
    const kept = after.edges.filter((wire) => before.edges.includes(wire))
    expect(kept.length).toBe(after.edges.length)
    expect(after.into.get('s7')).toBe(before.into.get('s7'))
  })

  it('reads afresh with other tools', () => {
    const doc = largeDoc(4)
    expect(readWiring(doc, TOOLS, wired(doc)).nodes.get(INPUTS)).toBeDefined()
  })

  it('says the same as reading afresh, whatever is done', () => {
    const random = new Random(7)
    let doc = largeDoc(24)
    let wiring = wired(doc)
    for (let step = 0; step < 300; step += 1) {
      const key = `s${random.below(24)}`
      const other = `s${random.below(24)}`
      const op = random.pick<Op>([
        { op: 'set', table: 'stages', key, path: ['args', 'prompt'], value: `${step}` },
        {
          op: 'set',
          table: 'stages',
          key,
          path: ['args', 'source_image_url'],
          value: resultOf(other),
        },
        { op: 'set', table: 'stages', key, path: ['args'], value: {} },
        {
          op: 'set',
          table: 'stages',
          key,
          path: ['tool'],
          value: random.pick(['generate_image', 'stitch_video']),
        },
        { op: 'set', table: 'stages', key, path: ['produces'], value: [random.pick([key, other])] },
        {
          op: 'set',
          table: 'stages',
          key,
          path: ['type'],
          value: random.pick(['fixed', 'nonsense']),
        },
        { op: 'set', table: 'stages', key, path: ['id'], value: random.pick([key, key, other]) },
        { op: 'order', table: 'stages', key, after: other },
        {
          op: 'set',
          table: 'inputs',
          key: 'brief',
          path: ['name'],
          value: random.pick(['brief', 'idea']),
        },
      ])
      doc = applyAll(doc, [op]).doc
      wiring = readWiring(doc, TOOLS, wiring)
      expect(wiring).toEqual(wired(doc))
    }
  })

  it('reads 1,000 stages within a frame', () => {
    let doc = largeDoc(1_000)
    let wiring = wired(doc)
    const took: number[] = []
    for (let round = 0; round < 30; round += 1) {
      doc = applyAll(doc, [
        { op: 'set', table: 'stages', key: 's500', path: ['args', 'prompt'], value: `${round}` },
      ]).doc
      const start = performance.now()
      wiring = readWiring(doc, TOOLS, wiring)
      took.push(performance.now() - start)
    }
    expect(wiring.nodes.size).toBe(1_001)
    expect(took.toSorted((a, b) => a - b)[15]).toBeLessThan(75)
  })
})
