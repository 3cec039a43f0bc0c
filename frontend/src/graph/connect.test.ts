import { describe, expect, it } from 'vitest'
import type { Doc, Json } from '../api/schema'
import { applyAll, row } from '../document/ops'
import { canConnect, optionsFor, toolsFor } from './connect'
import { fieldOf } from './edit'
import { docOf, fixed, input, resultOf, TOOLS, tool, wired } from './testing'
import { INPUTS, OUT } from './wiring'

const out = (node: string) => ({ node, socket: OUT })
const port = (node: string, name: string) => ({ node, socket: `port:${name}` })
const arg = (node: string, name: string) => ({ node, socket: `arg:${name}` })
const from = (name: string) => ({ node: INPUTS, socket: name })

function ask(doc: Doc, source: { node: string; socket: string }, target: typeof source) {
  return canConnect(doc, wired(doc), TOOLS, source, target)
}

function drawn(doc: Doc, source: { node: string; socket: string }, target: typeof source): Doc {
  const answer = ask(doc, source, target)
  if (!answer.ok) throw new Error(answer.reason)
  return applyAll(doc, answer.ops).doc
}

const args = (doc: Doc, key: string): Json => fieldOf(row(doc, 'stages', key), ['args']) ?? null

const film = docOf(
  [
    fixed('frames', 'generate_image', { label: 'Frames', args: { prompt: 'x' } }),
    fixed('voice', 'generate_speech', { label: 'Voice', args: { prompt: 'y' } }),
    fixed('shots', 'generate_video', { label: 'Shots', args: { prompt: 'z' } }),
    fixed('poster', 'upscale_image', { label: 'Poster' }),
    fixed('look', 'analyze_image', { label: 'Look' }),
  ],
  [
    input('brief', 'text'),
    input('seconds', 'number'),
    input('photo', 'image'),
    input('photos', 'image', { multiple: true }),
    input('mood', 'select', { options: ['calm', { value: 'wild', label: 'Wild' }] }),
    input('sound', 'boolean'),
  ],
)

describe('drawing an edge writes', () => {
  it.each([
    [
      'a result into a list',
      out('frames'),
      port('shots', 'image'),
      { reference_image_urls: [resultOf('frames')] },
    ],
    [
      'a result into a single port',
      out('frames'),
      port('poster', 'image'),
      { source_image_url: resultOf('frames') },
    ],
    [
      'an input into a port',
      from('photo'),
      port('poster', 'image'),
      { source_image_url: '$inputs.photo' },
    ],
    [
      'the first of several',
      from('photos'),
      port('poster', 'image'),
      { source_image_url: '$inputs.photos[0]' },
    ],
    [
      'all of several into a list, beside what it had automatically',
      from('photos'),
      port('shots', 'image'),
      { reference_image_urls: [resultOf('frames'), '$inputs.photos'] },
    ],
    ['an input into a text', from('brief'), arg('shots', 'prompt'), { prompt: '$inputs.brief' }],
    [
      'a number into a number',
      from('seconds'),
      arg('shots', 'duration'),
      { duration: '$inputs.seconds' },
    ],
    [
      'a switch into a switch',
      from('sound'),
      arg('shots', 'generateAudio'),
      { generateAudio: '$inputs.sound' },
    ],
    ['a choice into a text', from('mood'), arg('shots', 'prompt'), { prompt: '$inputs.mood' }],
  ])('%s', (_, source, target, written) => {
    const doc = drawn(film, source, target)
    const before = args(film, target.node) as object
    expect(args(doc, target.node)).toEqual({ ...before, ...written })
    expect(ask(film, target, source).ok).toBe(true)
  })

  it('under the spelling that is there, behind what is there', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { args: { prompt: 'x' } }),
      fixed('b', 'generate_video', { args: { referenceImageIndices: [0] } }),
    ])
    const after = drawn(doc, out('a'), port('b', 'image'))
    expect(args(after, 'b')).toEqual({ referenceImageIndices: [0, resultOf('a')] })
  })

  it('a name for a source that has none', () => {
    const doc = docOf([
      fixed('a.b', 'generate_image', { produces: [] }),
      fixed('c', 'upscale_image'),
    ])
    const after = drawn(doc, out('a.b'), port('c', 'image'))
    expect(fieldOf(row(after, 'stages', 'a.b'), ['produces'])).toEqual(['a-b'])
    expect(wired(after).edges.map((wire) => [wire.source, wire.isImplied])).toEqual([
      ['a.b', false],
    ])
  })

  it('another name where a later stage took the first', () => {
    const doc = docOf([
      fixed('a', 'generate_image', { produces: ['look'] }),
      fixed('b', 'generate_image', { produces: ['look'] }),
      fixed('c', 'upscale_image'),
    ])
    const after = drawn(doc, out('a'), port('c', 'image'))
    expect(wired(after).edges.filter((wire) => wire.target === 'c')[0]?.source).toBe('a')
  })

  it('order, where the source is later', () => {
    const doc = docOf([
      fixed('c', 'generate_video', { args: { prompt: 'x' } }),
      fixed('other', 'generate_music', { args: { prompt: 'x' } }),
      fixed('a', 'generate_image', { args: { prompt: 'x' } }),
      fixed('b', 'upscale_image', { args: { source_image_url: resultOf('a') } }),
    ])
    const after = drawn(doc, out('b'), port('c', 'image'))
    expect(after.stages.order).toEqual(['a', 'b', 'c', 'other'])
    expect(wired(after).edges.some((wire) => wire.isBackward)).toBe(false)
  })

  it('order alone', () => {
    const after = drawn(film, out('voice'), { node: 'poster', socket: 'after' })
    expect(fieldOf(row(after, 'stages', 'poster'), ['requiredArtifactsIn'])).toEqual(['voice'])
  })
})

describe('an edge is refused', () => {
  it.each([
    [out('voice'), port('shots', 'image'), 'Reference images needs images. Voice is audio.'],
    [from('brief'), port('shots', 'image'), 'Reference images needs images. Brief is text.'],
    [from('brief'), arg('shots', 'duration'), 'Length needs a number. Brief is text.'],
    [out('look'), port('shots', 'image'), 'Reference images needs images. Look makes no media.'],
    [out('frames'), arg('shots', 'prompt'), 'Prompt can only be connected to an input.'],
    [out('shots'), port('shots', 'video'), "A stage can't use its own result."],
    [from('photo'), { node: 'shots', socket: 'after' }, "Inputs can't wait for stages."],
  ])('from %o to %o', (source, target, reason) => {
    const answer = ask(film, source, target)
    expect(answer).toMatchObject({ ok: false, reason })
  })

  it('when it would close a circle, by the names', () => {
    const doc = docOf([
      fixed('a', 'edit_image', { label: 'One', args: { prompt: 'x' } }),
      fixed('b', 'upscale_image', { label: 'Two', args: { source_image_url: resultOf('a') } }),
      fixed('c', 'upscale_image', { label: 'Three', args: { source_image_url: resultOf('b') } }),
    ])
    expect(ask(doc, out('c'), port('a', 'image'))).toMatchObject({
      reason: 'This would make a loop: One already leads to Three through Two.',
      fits: [],
    })
  })

  it('when the two are joined already', () => {
    const doc = drawn(film, out('frames'), port('poster', 'image'))
    expect(ask(doc, out('frames'), port('poster', 'image'))).toMatchObject({
      reason: 'Already connected.',
    })
  })

  it('when a list is full', () => {
    const full = tool('animate_photo').ports[0]?.maxItems ?? 0
    const urls = Array.from({ length: full }, () => resultOf('a'))
    const doc = docOf([
      fixed('a', 'generate_image'),
      fixed('b', 'animate_photo', { args: { reference_image_urls: urls } }),
    ])
    expect(ask(doc, out('a'), port('b', 'image'))).toMatchObject({
      reason: `Photo takes up to ${full}. Remove one first.`,
    })
  })
})

describe('what fits instead', () => {
  const fits = (source: { node: string; socket: string }, target: typeof source, doc = film) => {
    const answer = ask(doc, source, target)
    if (answer.ok) throw new Error('It was legal.')
    return answer.fits
  }

  it('is another port of the same stage', () => {
    const found = fits(out('voice'), port('shots', 'image'))
    expect(found[0]?.label).toBe('Connect to Reference audio')
    const { doc } = applyAll(film, found[0]?.ops ?? [])
    expect(args(doc, 'shots')).toMatchObject({ reference_audio_urls: [resultOf('voice')] })
  })

  it('is a stage between that converts', () => {
    const found = fits(out('frames'), port('shots', 'video'))
    const put = found.find((fit) => fit.label.startsWith('Insert'))
    expect(put?.label).toBeDefined()
    const { doc } = applyAll(film, put?.ops ?? [])
    const key = put?.select?.[0] as string
    const edges = wired(doc).edges.map((wire) => `${wire.source}>${wire.target}`)
    expect(edges).toContain(`frames>${key}`)
    expect(edges).toContain(`${key}>shots`)
    expect(wired(doc).edges.some((wire) => wire.isBackward)).toBe(false)
  })

  it('every one of them is legal and does one thing', () => {
    for (const [source, target] of [
      [out('voice'), port('shots', 'image')],
      [out('frames'), port('shots', 'video')],
      [from('brief'), port('poster', 'image')],
      [from('seconds'), port('shots', 'image')],
    ] as const)
      for (const fit of fits(source, target)) {
        const { doc } = applyAll(film, fit.ops)
        expect(wired(doc).edges.some((wire) => wire.isBackward)).toBe(false)
        expect(doc).not.toBe(film)
      }
  })
})

describe('options', () => {
  it('are all the legal targets, and each does what it says', () => {
    for (const source of [out('frames'), out('voice'), from('photo'), from('brief')]) {
      const groups = optionsFor(film, wired(film), TOOLS, source)
      expect(groups.length).toBeGreaterThan(0)
      for (const option of groups.flatMap((group) => group.options)) {
        const target = { node: option.node, socket: option.socket }
        expect(ask(film, source, target).ok).toBe(true)
        expect(applyAll(film, option.edit().ops).doc).not.toBe(film)
      }
    }
  })

  it('leave out what is before', () => {
    const doc = drawn(film, out('frames'), port('poster', 'image'))
    const nodes = optionsFor(doc, wired(doc), TOOLS, out('poster')).map((group) => group.node)
    expect(nodes).not.toContain('frames')
  })

  it('go the other way from an input socket', () => {
    const groups = optionsFor(film, wired(film), TOOLS, port('poster', 'image'))
    expect(
      groups.map((group) => [group.node, group.options.map((option) => option.socket)]),
    ).toEqual([
      [INPUTS, ['photo', 'photos']],
      ['frames', [OUT]],
    ])
  })

  it('can be those of one node, with its parameters', () => {
    const [group] = optionsFor(film, wired(film), TOOLS, from('seconds'), 'shots')
    expect(group?.options.map((option) => option.socket)).toContain('arg:duration')
  })

  it('for 1,000 stages come at once', async () => {
    const { largeDoc } = await import('./testing')
    const doc = largeDoc(1_000)
    const wiring = wired(doc)
    const start = performance.now()
    const groups = optionsFor(doc, wiring, TOOLS, out('s0'))
    expect(groups.length).toBeGreaterThan(400)
    expect(performance.now() - start).toBeLessThan(2500)
  })
})

describe('tools for an edge that was dropped on nothing', () => {
  it('take the kind, or make it', () => {
    const after = toolsFor(TOOLS, 'audio', 'after')
    expect(after.map(({ tool: { name } }) => name)).toContain('sound_to_video')
    const before = toolsFor(TOOLS, 'audio', 'before')
    expect(before.every(({ tool: { output } }) => output === 'audio')).toBe(true)
    expect(
      toolsFor(TOOLS, 'text', 'after').find((known) => known.tool.name === 'generate_image')
        ?.socket,
    ).toBe('arg:prompt')
  })
})
