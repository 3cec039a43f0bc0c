import { describe, expect, it } from 'vitest'
import type { Doc } from '../../api/schema'
import { applyAll } from '../../document/ops'
import { INPUTS, stageOf } from '../documentReaders'
import type { Edit } from '../edit'
import { docOf, fixed, input, TOOLS } from '../testing'
import { readWiring } from '../wiring'
import { setArgument, setLabel } from './fields'
import { withKept } from './keep'
import { duplicate } from './pasting'
import { removeNodes } from './remove'
import { renameInput } from './renaming'
import { addStage, insertOnEdge, reorder } from './stages'
import { connect } from './wires'

const wired = (doc: Doc) => readWiring(doc, TOOLS)
const resultOf = (name: string) => `$artifacts.${name}.items[0].selectedVersion.url`

function done(doc: Doc, edit: Edit): Doc {
  const kept = withKept(edit, doc, wired(doc), TOOLS)
  const { doc: after, inverse } = applyAll(doc, kept.ops)
  expect(applyAll(after, inverse).doc).toEqual(doc)
  return after
}

const args = (doc: Doc, key: string) => stageOf(doc, key).args

const film = docOf([
  fixed('one', 'generate_video', { args: { prompt: 'x' } }),
  fixed('two', 'generate_video', { args: { prompt: 'y' } }),
  fixed('score', 'generate_music', { args: { prompt: 'z' } }),
  fixed('film', 'stitch_video'),
])
const painted = docOf([
  fixed('base', 'generate_image', { args: { prompt: 'x' } }),
  fixed('cut', 'segment_image', { args: { source_image_url: resultOf('base') } }),
  fixed('edit', 'edit_image', { args: { prompt: 'y' } }),
])

describe('a stage that is changed keeps its automatic connections', () => {
  it('when a soundtrack is connected', () => {
    const target = { node: 'film', socket: 'port:audio' }
    const edit = connect(film, wired(film), TOOLS, { node: 'score', socket: 'out' }, target)
    expect(args(done(film, edit), 'film')).toEqual({
      reference_audio_url: resultOf('score'),
      reference_video_urls: [resultOf('one'), resultOf('two')],
    })
  })

  it('when one more is connected to the same list', () => {
    const target = { node: 'film', socket: 'port:video' }
    const edit = connect(film, wired(film), TOOLS, { node: 'one', socket: 'out' }, target)
    const { reference_video_urls } = args(done(film, edit), 'film')
    expect(reference_video_urls).toEqual([resultOf('two'), resultOf('one')])
  })

  it('when its name or a setting is changed', () => {
    const kept = { reference_video_urls: [resultOf('one'), resultOf('two')] }
    expect(args(done(film, setLabel(film, 'film', 'The film')), 'film')).toEqual(kept)
    const set = setArgument(film, 'film', 'loop', true)
    expect(args(done(film, set), 'film')).toEqual({ loop: true, ...kept })
  })

  it('when it is moved in the order', () => {
    const doc = docOf([
      fixed('one', 'generate_image', { args: { prompt: 'x' } }),
      fixed('big', 'upscale_image'),
      fixed('two', 'generate_image', { args: { prompt: 'y' } }),
    ])
    const after = done(doc, reorder(doc, wired(doc), 'big', 'two'))
    expect(after.stages.order).toEqual(['one', 'two', 'big'])
    expect(args(after, 'big')).toEqual({ source_image_url: resultOf('one') })
  })

  it('under the name that an input gets in the same edit', () => {
    const doc = docOf(
      [fixed('big', 'upscale_image', { args: { prompt: '$inputs.photo' } })],
      [input('photo', 'image')],
    )
    const source = wired(doc)
      .into.get('big')
      ?.find((wire) => wire.isImplied)
    expect(source?.source).toBe(INPUTS)
    const after = done(doc, renameInput(doc, 'photo', 'portrait'))
    expect(args(after, 'big').source_image_url).toBe('$inputs.portrait')
  })

  it('but not to a stage that goes: then it finds another', () => {
    const doc = docOf([
      fixed('one', 'generate_image', { args: { prompt: 'x' } }),
      fixed('words', 'enhance_prompt', { args: { prompt: 'x' } }),
      fixed('two', 'generate_image', { args: { prompt: 'y' } }),
      fixed('edit', 'edit_image', { args: { prompt: resultOf('words') } }),
    ])
    const after = done(doc, removeNodes(doc, wired(doc), ['words', 'two']))
    expect(args(after, 'edit')).toEqual({})
    expect(
      wired(after)
        .into.get('edit')
        ?.map((wire) => wire.source),
    ).toEqual(['one'])
  })
})

describe('a stage that is left alone stays automatic', () => {
  it('whatever is done to others', () => {
    const after = done(film, setLabel(film, 'one', 'First'))
    expect(args(after, 'film')).toEqual({})
  })

  it('when it is added or copied', () => {
    const tool = TOOLS.get('stitch_video')
    if (!tool) throw new Error('No such tool.')
    const after = done(film, addStage(film, wired(film), TOOLS, tool, null))
    expect(args(after, 'stitch-video')).toEqual({})
    const copied = done(film, duplicate(film, ['film']))
    expect(copied.stages.order.map((key) => args(copied, key)).at(-1)).toEqual({})
  })
})

describe('a new stage that is connected to one thing gets the rest, too', () => {
  it('when it is added to an output', () => {
    const tool = TOOLS.get('stitch_video')
    if (!tool) throw new Error('No such tool.')
    const from = { node: 'score', socket: 'out' }
    const edit = addStage(film, wired(film), TOOLS, tool, null, { connectFrom: from })
    expect(args(done(film, edit), 'stitch-video')).toEqual({
      reference_audio_url: resultOf('score'),
      reference_video_urls: [resultOf('one'), resultOf('two'), resultOf('film')],
    })
  })

  it('when it is put into an automatic connection', () => {
    const wire = wired(painted)
      .into.get('edit')
      ?.find((known) => known.isImplied)
    const tool = TOOLS.get('upscale_image')
    if (!wire || !tool) throw new Error('Nothing is automatic.')
    const edit = insertOnEdge(painted, wired(painted), TOOLS, wire, tool)
    expect(args(done(painted, edit), 'edit').prompt).toBe('y')
    expect(
      wired(done(painted, edit))
        .into.get('edit')
        ?.map((known) => known.source),
    ).toContain('upscale-image')
  })
})
