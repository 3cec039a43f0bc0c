import { describe, expect, test } from 'vitest'
import type { Doc, Json, JsonObject } from '../api/schema'
import { withOwnMedia } from '../canvas/connect/owned'
import type { Sheet } from '../canvas/scene'
import { toSpec } from '../document/convert'
import { diff } from '../document/diff'
import { applyAll, emptyDoc } from '../document/ops'
import { type Box, sizeOf } from '../graph/geometry'
import { placesOf } from '../graph/layout'
import { docOf, fixed, input, largeDoc, resultOf, TOOLS, wired } from '../graph/testing'
import { type Colours, drawGraph, type Graph } from './drawing'
import { templateJson } from './json'
import { scaleFor } from './png'
import { documentOf, type Found, readTemplate } from './read'
import { toSvg } from './svg'

const HUES = {
  text: '#1',
  image: '#2',
  video: '#3',
  audio: '#4',
  number: '#5',
  choice: '#6',
  model: '#7',
}
const COLOURS: Colours = {
  canvas: '#000',
  surface: '#111',
  surface2: '#222',
  line2: '#333',
  text: '#fff',
  text2: '#ccc',
  text3: '#999',
  bad: '#f00',
  hue: HUES,
}
const measure = (text: string, size: number) => text.length * size * 0.55

function graphOf(doc: Doc, sheets: readonly Sheet[] = []): Graph {
  const wiring = wired(doc)
  const places = placesOf(doc, wiring)
  const boxes = new Map<string, Box>()
  for (const node of wiring.nodes.values())
    boxes.set(node.id, { ...(places.get(node.id) ?? { x: 0, y: 0 }), ...sizeOf(node) })
  return {
    title: 'Film',
    wiring,
    boxes,
    sheets,
    words: () => 'Made & <done>',
    picture: () => null,
    inputWords: () => 'needed',
  }
}

/** Tags opened and closed in order, attributes quoted, no bare sign: what every parser asks for. */
function wellFormed(xml: string): boolean {
  const open: string[] = []
  const body = xml.replace(/^<\?xml[^>]*\?>/, '')
  const rest = body.replace(
    /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z-:]+="[^"<]*")*)\s*(\/?)>/g,
    (_all, close: string, name: string, _attributes: string, empty: string) => {
      if (close) return open.pop() === name ? '' : '<'
      if (!empty) open.push(name)
      return ''
    },
  )
  return open.length === 0 && !rest.includes('<') && !/&(?!(amp|lt|gt|quot);)/.test(rest)
}

const FILM = docOf(
  [
    fixed('still', 'generate_image', {
      label: 'Still & "sharp" <one>',
      args: { prompt: '$inputs.brief' },
    }),
    fixed('clip', 'generate_video', {
      args: { prompt: 'x', reference_image_urls: [resultOf('still')] },
    }),
  ],
  [input('brief', 'text')],
)

describe('toSvg', () => {
  const note: Sheet = {
    id: 'note:n',
    key: 'n',
    type: 'note',
    text: 'Two lines\nof words\u0000',
    hue: null,
    box: { x: 0, y: 400, width: 200, height: 96 },
  }

  test('holds every node, edge and note, and is well-formed', () => {
    const graph = graphOf(FILM, [note])
    const svg = toSvg(drawGraph(graph, COLOURS, measure), new Map())
    expect(wellFormed(svg)).toBe(true)
    for (const id of graph.wiring.nodes.keys())
      expect(svg).toContain(`class="node" data-id="${id}"`)
    expect(svg.match(/class="edge"/g)).toHaveLength(graph.wiring.edges.length)
    expect(graph.wiring.edges.length).toBeGreaterThan(1)
    expect(svg).toContain('class="note"')
    expect(svg).toContain('Still &amp; &quot;sharp&quot; &lt;o')
    expect(svg).not.toContain('\u0000')
  })

  test('embeds pictures and fetches nothing', () => {
    const graph = {
      ...graphOf(FILM),
      picture: (id: string) => (id === 'still' ? '/media/a' : null),
    }
    const picture = {
      href: 'data:image/jpeg;base64,AA==',
      image: {} as CanvasImageSource,
      width: 2,
      height: 1,
    }
    const svg = toSvg(drawGraph(graph, COLOURS, measure), new Map([['/media/a', picture]]))
    expect(wellFormed(svg)).toBe(true)
    expect(svg.match(/<image /g)).toHaveLength(1)
    expect(svg).not.toContain('/media/a')
  })

  test('an empty graph is a picture, too', () => {
    expect(wellFormed(toSvg(drawGraph(graphOf(docOf([])), COLOURS, measure), new Map()))).toBe(true)
  })

  test('a thousand stages are drawn in seconds, and fit into a canvas', { timeout: 30_000 }, () => {
    const graph = graphOf(largeDoc(1_000))
    const start = performance.now()
    const drawing = drawGraph(graph, COLOURS, measure)
    expect(toSvg(drawing, new Map()).match(/class="node"/g)).toHaveLength(1_001)
    expect(performance.now() - start).toBeLessThan(5_000)
    const scale = scaleFor(drawing.box)
    expect(drawing.box.width * scale).toBeLessThanOrEqual(16_000)
    expect(drawing.box.width * drawing.box.height * scale * scale).toBeLessThanOrEqual(80_000_001)
  })
})

describe('readTemplate', () => {
  const read = (value: unknown): Found => {
    const found = readTemplate(JSON.stringify(value), TOOLS)
    if (found.type === 'problem') throw new Error(found.text)
    return found
  }
  const STAGE = fixed('a', 'generate_image', { args: { prompt: 'x' } })

  test('what was exported comes back the same', () => {
    const spec = {
      ...toSpec(docOf([STAGE], [input('brief', 'text')], { description: 'At sea' })),
      category: 'custom',
      stability: 'experimental',
      exposeToLLM: false,
      extra: { ourField: { deep: [1, null] } },
      graph: { nodes: [{ stageId: 'a', x: 8, y: 4 }], frames: [], notes: [], zoom: 1 },
    }
    const doc = documentOf({ ...read({ stages: [] }), spec }, emptyDoc())
    const text = JSON.stringify(templateJson(doc, () => null))
    expect(JSON.parse(text).ourField).toEqual({ deep: [1, null] })
    const back = readTemplate(text, TOOLS) as Found
    expect(back.templates).toBeNull()
    expect(toSpec(documentOf(back, emptyDoc()))).toEqual(spec)
  })

  test('a template as the public API answers it loses only what belongs to that server', () => {
    const template = {
      id: 't_1',
      version: '1.2.0',
      author: 'system',
      visibility: 'public',
      createdAt: 'x',
      name: ' Film ',
      stages: [STAGE],
    }
    const found = read({ status: 'success', data: { template } })
    expect(found).toMatchObject({ type: 'template', name: 'Film', stages: 1, inputs: 0, notes: [] })
    expect(Object.keys(found.spec)).not.toContain('visibility')
    expect(found.spec.extra).toBeUndefined()
  })

  test('replacing is one list of ops and keeps what is tried', () => {
    const now = applyAll(FILM, [
      { op: 'put', table: 'values', key: 'brief', value: { value: 'a fox' } },
      { op: 'put', table: 'seeds', key: 'clip', value: { seed: 7 } },
    ]).doc
    const found = read({ name: 'New', inputs: [input('brief', 'text')], stages: [STAGE] })
    const wanted = documentOf(found, now)
    const { doc } = applyAll(now, diff(now, wanted))
    expect(doc.stages.order).toEqual(['a'])
    expect([doc.values.order, doc.seeds.order]).toEqual([['brief'], []])
  })

  test('copied stages are known for what they are', () => {
    expect(read({ reelgraph: 1, stages: [STAGE], inputs: [], nodes: [] }).type).toBe('stages')
  })

  test('names tools that are not here', () => {
    const found = read({ name: 'x', stages: [fixed('a', 'paint_wall'), 7, STAGE, STAGE] })
    expect(found.notes.map((note) => note.text).join(' ')).toMatch(
      /paint_wall isn't available.*1 stage with errors.*2 stages with an id/,
    )
  })

  test.each([
    ['', 'is empty'],
    ['hello', 'starts with'],
    ['[1]', 'a list'],
    ['{"name": "x"}', 'no “stages”'],
    ['{"name": "x",\n  "stages": [1 2]}', 'line 2, column 16'],
    ['{"name": "x", "stages": [', 'cut off'],
    [`{"stages": ${'['.repeat(70)}${']'.repeat(70)}}`, '60 levels deep'],
  ])('says where and why %j is none', (text, words) => {
    const found = readTemplate(text, TOOLS)
    expect(found).toMatchObject({ type: 'problem', text: expect.stringContaining(words) })
  })
})

describe('withOwnMedia', () => {
  const media = (reference: string) => ({ reference }) as never
  const api = {
    media: async ({ before }: { before?: string | null } = {}) =>
      before
        ? { media: [media('reelgraph:object/old/a.png')], next: null }
        : { media: [], next: '1' },
  }
  const here = {
    known: new Set(['reelgraph:object/here/a.png', 'reelgraph:blob/ff/b.png']),
    links: new Map([['/media/tpm_1_ff/b.png', 'reelgraph:blob/ff/b.png']]),
    api,
    host: 'reel.example',
  }
  const spec: JsonObject = {
    a: 'https://reel.example/media/here/a.png?e=1&s=x',
    b: 'https://reel.example/media/tpm_1_ff/b.png?e=1&s=x',
    c: 'reelgraph:object/old/a.png',
    d: ['reelgraph:object/strange/c.png', 'https://elsewhere.example/media/x/y.png'],
    e: '/media/theirs/d.png?e=1',
  }

  test('keeps what is mine as references and drops what is not', async () => {
    const { value, dropped } = await withOwnMedia(spec as Json, here)
    expect(value).toEqual({
      a: 'reelgraph:object/here/a.png',
      b: 'reelgraph:blob/ff/b.png',
      c: 'reelgraph:object/old/a.png',
      d: ['https://elsewhere.example/media/x/y.png'],
    })
    expect(dropped).toBe(2)
  })
})

test('a file keeps its outputs and brings the templates that its stages are', () => {
  const stages = [fixed('a', 'template:shot@0.0.7', {}), fixed('b', 'template:gone@0.0.1', {})]
  const outputs = { film: { from: '$artifacts.a', position: 0 } }
  const templates = { 'shot@0.0.7': { name: 'Shot', stages: [] } }
  const text = JSON.stringify({ name: 'Film', stages, outputs, templates })
  const found = readTemplate(text, TOOLS) as Found
  expect(found.templates).toEqual(templates)
  expect(found.spec.outputs).toEqual(outputs)
  expect(found.spec.extra).toBeUndefined()
  expect(found.notes.map((note) => note.text)).toEqual([
    "template:gone@0.0.1 isn't available here, so its stage can't run.",
  ])
})
