import { describe, expect, it } from 'vitest'
import type { Doc, Json, JsonObject, Use } from '../../api/schema'
import { toSpec } from '../../document/convert'
import { applyAll } from '../../document/ops'
import { docOf, fixed, input, TOOLS, tool } from '../testing'
import { notRepeatable, repeatStage, runOnce } from './flow'
import { notUnpackable } from './unpack'

const LINES = input('lines', 'text', { multiple: true })
const PHOTOS = input('photos', 'image', { multiple: true })
const REFERENCE = 'template:wf_shot_1@0.0.7'
/** A template that is asked for as an image is edited: a prompt, and an image it must have. */
const TABLE = TOOLS.withUses([
  { reference: REFERENCE, tool: { ...tool('edit_image'), name: REFERENCE } } as unknown as Use,
])

const after = (doc: Doc, edited: { ops: Parameters<typeof applyAll>[1] }) =>
  applyAll(doc, edited.ops).doc
const stagesOf = (doc: Doc) => toSpec(doc).stages as Json[]
const repeated = (stage: JsonObject, ...inputs: Json[]) => {
  const doc = docOf([stage], inputs)
  return after(doc, repeatStage(doc, TABLE, String(stage.id)))
}

describe('repeating a stage for each item', () => {
  it('goes through the list that a text was one of', () => {
    const shot = fixed('shot', REFERENCE, { args: { prompt: '$inputs.lines[0]' }, label: 'Shot' })
    const doc = repeated(shot, LINES)
    expect(stagesOf(doc)).toEqual([
      {
        id: 'shot',
        label: 'Shot',
        type: 'batch',
        produces: ['shot'],
        overBinding: '$inputs.lines',
        itemName: 'item',
        concurrency: 4,
        itemLabelTemplate: '{index}',
        itemStage: { type: 'fixed', tool: REFERENCE, args: { prompt: '$item.item' } },
      },
    ])
    expect(notUnpackable(doc, 'shot')).toBe('Choose “Run once” first.')
    expect(stagesOf(after(doc, runOnce(doc, 'shot')))).toEqual([shot])
  })

  it('makes the one input that feeds it one with multiple values, and keeps the connection', () => {
    const words = input('words', 'text', { required: true, default: 'A fox' })
    const blank = input('words', 'text')
    const still = (args: JsonObject) => fixed('still', 'generate_image', { args })
    const prompt = '$inputs.words'
    const doc = repeated(still({ prompt, width: 512 }), words)
    expect(toSpec(doc).inputs).toEqual([{ ...(words as JsonObject), multiple: { min: 1 } }])
    expect(stagesOf(doc)[0]).toMatchObject({
      overBinding: '$inputs.words',
      itemStage: { args: { prompt: '$item.item', width: 512 } },
    })
    expect(toSpec(repeated(still({ prompt }), blank)).inputs).toEqual([
      { ...(blank as JsonObject), multiple: { min: 1 } },
    ])
  })

  it('leaves an input that others use, or that is one of two, as it is', () => {
    const still = fixed('still', 'generate_image', { args: { prompt: '$inputs.words' } })
    const other = fixed('other', 'generate_image', { args: { prompt: '$inputs.words' } })
    const words = input('words', 'text')
    const of = (stages: JsonObject[], inputs: Json[]) => {
      const doc = docOf(stages, inputs)
      return toSpec(applyAll(doc, repeatStage(doc, TABLE, 'still').ops).doc)
    }
    expect(of([still, other], [words])).toMatchObject({
      inputs: [words],
      stages: [{ overBinding: '' }, other],
    })
    const two = fixed('still', 'generate_image', {
      args: { prompt: '$inputs.words', width: '$inputs.width' },
    })
    const inputs = [words, input('width', 'number')]
    expect(of([two], inputs)).toMatchObject({ inputs, stages: [{ overBinding: '' }] })
  })

  it('leaves the place of a file to the item, and the other arguments as they are', () => {
    const args = { prompt: 'calm', source_image_url: '$inputs.photos[0]' }
    const [stage] = stagesOf(repeated(fixed('shot', REFERENCE, { args }), PHOTOS))
    expect(stage).toMatchObject({
      overBinding: '$inputs.photos',
      itemStage: { args: { prompt: 'calm' } },
    })
  })

  it('keeps a text that someone typed', () => {
    const stage = fixed('still', 'generate_image', { args: { prompt: 'A fox' } })
    expect(stagesOf(repeated(stage))[0]).toMatchObject({
      overBinding: '',
      itemStage: { args: { prompt: 'A fox' } },
    })
    const blank = fixed('still', 'generate_image')
    expect(stagesOf(repeated(blank))[0]).toMatchObject({
      itemStage: { args: { prompt: '$item.item' } },
    })
  })

  it('is for stages with a tool or a template of their own', () => {
    const question = { id: 'ask', type: 'interactive', produces: ['ask'] }
    expect(notRepeatable(docOf([question]), 'ask')).toContain('Select a stage')
    expect(notRepeatable(repeated(fixed('still', 'generate_image')), 'still')).toContain('Run once')
  })
})
