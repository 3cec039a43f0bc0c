import { describe, expect, it } from 'vitest'
import { curvePath, portAt, portOf, portUnder, sizeOf, snap } from './geometry'
import { layOutMissing, placesOf } from './layout'
import { ancestorsOf, circle, circles, descendantsOf, topologicalOrder } from './order'
import { docOf, fixed, input, largeDoc, resultOf, TOOLS, wired } from './testing'
import { tidy } from './tidy'
import { ToolTable, toSnake, toWire } from './tools'
import { INPUTS } from './wiring'
import { clean, listed, slug, unused, wordsOf } from './words'

const round = docOf([
  fixed('a', 'upscale_image', { label: 'One', args: { source_image_url: resultOf('c') } }),
  fixed('b', 'upscale_image', { label: 'Two', args: { source_image_url: resultOf('a') } }),
  fixed('c', 'upscale_image', { label: 'Three', args: { source_image_url: resultOf('b') } }),
  fixed('d', 'upscale_image', { args: { source_image_url: resultOf('c') } }),
])

describe('order', () => {
  it("puts sources first, else keeps the document's", () => {
    const doc = docOf([
      fixed('a', 'upscale_image', { args: { source_image_url: resultOf('c') } }),
      fixed('b', 'generate_music', { args: { prompt: 'x' } }),
      fixed('c', 'generate_image', { args: { prompt: 'x' } }),
    ])
    expect(topologicalOrder(wired(doc))).toEqual(['b', 'c', 'a'])
    expect(topologicalOrder(wired(largeDoc(9)))).toEqual(largeDoc(9).stages.order)
  })

  it('lists every stage once, circles too', () => {
    expect(topologicalOrder(wired(round)).toSorted()).toEqual(['a', 'b', 'c', 'd'])
    expect(circles(wired(round))).toEqual([['a', 'b', 'c']])
    expect(circles(wired(largeDoc(20)))).toEqual([])
  })

  it('knows who needs whom', () => {
    const wiring = wired(largeDoc(4))
    expect([...ancestorsOf(wiring, 's3')].toSorted()).toEqual(['s0', 's1', 's2'])
    expect([...descendantsOf(wiring, 's0')].toSorted()).toEqual(['s1', 's2', 's3'])
    expect(circle(wiring, 's3', 's2')).toContain('already leads to')
    expect(circle(wiring, 's0', 's3')).toBeNull()
  })

  it('of 1,000 stages comes at once', () => {
    const wiring = wired(largeDoc(1_000))
    const start = performance.now()
    expect(topologicalOrder(wiring).length).toBe(1_000)
    expect(performance.now() - start).toBeLessThan(600)
  })
})

describe('geometry', () => {
  const wiring = wired(
    docOf(
      [
        fixed('picture', 'generate_image', { args: { prompt: 'x' } }),
        fixed('sound', 'generate_music', { args: { prompt: 'x' } }),
      ],
      [input('one', 'text'), input('two', 'image')],
    ),
  )
  const node = (id: string) => {
    const found = wiring.nodes.get(id)
    if (!found) throw new Error(id)
    return found
  }

  it('is that of the drawings', () => {
    expect(sizeOf(node('picture'))).toEqual({ width: 224, height: 126 + 56 + 24 * 2 })
    expect(sizeOf(node('sound')).height).toBe(64 + 56 + 24)
    expect(sizeOf(node(INPUTS))).toEqual({ width: 152, height: 44 + 46 * 2 + 8 })
    expect(portAt(node('picture'), 'in', 1)).toEqual({ x: 0, y: 126 + 60 + 24 })
    expect(portOf(node(INPUTS), 'out', 'two')).toEqual({ x: 152, y: 67 + 46 })
    expect(portOf(node('picture'), 'in', 'port:nothing')).toBeNull()
  })

  it('finds the port under a point', () => {
    expect(portUnder(node('picture'), { x: 4, y: 184 })).toEqual({
      side: 'in',
      socket: 'port:image',
    })
    expect(portUnder(node('picture'), { x: 112, y: 30 })).toBeNull()
  })

  it('bends edges by half their way, within limits', () => {
    expect(curvePath({ x: 0, y: 0 }, { x: 200, y: 50 })).toBe('M0 0C100 0 100 50 200 50')
    expect(curvePath({ x: 0, y: 0 }, { x: 10, y: 0 })).toBe('M0 0C36 0 -26 0 10 0')
    expect([snap(5), snap(-5), snap(2)]).toEqual([4, -4, 4])
  })
})

describe('layout', () => {
  const overlap = (doc: ReturnType<typeof docOf>) => {
    const wiring = wired(doc)
    const boxes = [...placesOf(doc, wiring)].map(([id, at]) => {
      const node = wiring.nodes.get(id)
      if (!node) throw new Error(id)
      return { ...at, ...sizeOf(node) }
    })
    return boxes.some((a, i) =>
      boxes.some(
        (b, j) =>
          i < j &&
          a.x < b.x + b.width &&
          b.x < a.x + a.width &&
          a.y < b.y + b.height &&
          b.y < a.y + a.height,
      ),
    )
  }

  it('leaves nothing on top of another', () => {
    expect(overlap(largeDoc(60))).toBe(false)
    expect(layOutMissing(largeDoc(60), wired(largeDoc(60))).size).toBe(61)
  })

  it('stores nothing by itself', () => {
    const doc = largeDoc(5)
    layOutMissing(doc, wired(doc))
    expect(doc.nodes.order).toEqual([])
  })

  it('tidies 200 stages', () => {
    const doc = largeDoc(200)
    const { ops } = tidy(doc, wired(doc))
    expect(ops.length).toBe(201)
  })
})

describe('tools', () => {
  it('bear every spelling', () => {
    const tool = TOOLS.get('sogni_generate_video')
    if (!tool) throw new Error('no tool')
    for (const spelled of [
      'reference_image_urls',
      'referenceImageUrls',
      'sourceImageIndex',
      'source_image_index',
    ])
      expect(TOOLS.port(tool, spelled)?.name).toBe('image')
    for (const spelled of ['numberOfVariations', 'number_of_variations'])
      expect(TOOLS.parameter(tool, spelled)?.name).toBe('numberOfVariations')
    expect(TOOLS.parameter(tool, 'model')?.name).toBe('videoModel')
    expect(TOOLS.argument(tool, 'strange')).toEqual({
      name: 'strange',
      port: null,
      parameter: null,
    })
    expect(new ToolTable([]).get('generate_image')).toBeNull()
  })

  it.each([
    ['negative_prompt', 'negativePrompt'],
    ['loras', 'loras'],
    ['left_3d_view', 'left3DView'],
  ])('spell %s as %s', (snake, wire) => {
    expect(toWire(snake)).toBe(wire)
    expect(toSnake('negativePrompt')).toBe('negative_prompt')
  })
})

describe('words', () => {
  it.each([
    ['referenceImageIndices', 'Reference image indices'],
    ['key_frame', 'Key frame'],
    ['a.b-c', 'A b c'],
  ])('of %s', (name, words) => {
    expect(wordsOf(name)).toBe(words)
  })

  it('are cleaned, cut, listed and made into keys', () => {
    expect(clean('a\n\u202eb')).toBe('a b')
    expect(clean('x'.repeat(99)).length).toBe(80)
    expect(listed(['A'])).toBe('A')
    expect(listed(['A', 'B', 'C'])).toBe('A, B and C')
    expect(listed(['A', 'B', 'C', 'D'])).toBe('A, B and 2 others')
    expect(slug('Close-up, 2nd Try é')).toBe('close-up-2nd-try-e')
    const taken = new Set(['clip', 'clip-2'])
    expect(unused('clip', (name) => taken.has(name))).toBe('clip-3')
    expect(unused('clip-2', (name) => taken.has(name))).toBe('clip-3')
  })
})
