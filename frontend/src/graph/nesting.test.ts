import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../api/schema'
import { applyAll } from '../document/ops'
import { canConnect, optionsFor } from './connect'
import { readStage } from './documentReaders'
import { freshKey } from './edit'
import { setLabel } from './edits/fields'
import { disconnect } from './edits/wires'
import { insideOf } from './nesting'
import { INSIDE_ONLY } from './rules'
import { docOf, fixed, TOOLS, wired } from './testing'
import { AFTER, INPUTS, INSIDE, readWiring } from './wiring'

const group = (id: string, subStages: JsonObject[], fields: JsonObject = {}): JsonObject => ({
  id,
  type: 'fixed',
  subStages,
  ...fields,
})
const SHOT = group('shot', [group('inner', [fixed('still', 'generate_image')]), fixed('clip', 'x')])

describe('stages inside a stage', () => {
  it('are listed in their order, with their depth', () => {
    const list = insideOf(readStage(SHOT)).map(({ stage, depth }) => [stage.id, depth])
    expect(list).toEqual([
      ['inner', 0],
      ['still', 1],
      ['clip', 0],
    ])
  })

  it('are counted below the title, after the tool of the stage', () => {
    const metaOf = (stage: JsonObject) => wired(docOf([stage])).nodes.get('shot')?.meta
    expect(metaOf(SHOT)).toBe('3 stages inside')
    expect(metaOf({ ...SHOT, tool: 'generate_image' })).toBe('Generate image, 3 stages inside')
    expect(metaOf({ ...SHOT, type: 'interactive' })).toBe('Your turn, 3 stages inside')
    expect(metaOf(group('shot', [fixed('a', 'generate_image')]))).toBe('1 stage inside')
  })

  it('are left out where they are no stages, and in a batch', () => {
    const odd = { ...SHOT, subStages: [5, { id: 'x' }, fixed('a', 'generate_image')] }
    expect(insideOf(readStage(odd))).toHaveLength(1)
  })
})

describe('wires of stages inside', () => {
  const doc = docOf(
    [
      fixed('style', 'generate_image'),
      group(
        'shot',
        [
          fixed('still', 'edit_image', {
            args: { prompt: '$inputs.brief', sourceImageIndex: '$artifacts.style' },
          }),
          fixed('clip', 'generate_video', { args: { sourceImageIndex: '$artifacts.still' } }),
        ],
        { produces: ['shot_video'] },
      ),
      fixed('poster', 'edit_image', { args: { sourceImageIndex: '$artifacts.still' } }),
      fixed('longer', 'upscale_video', { args: { reference_video_url: '$artifacts.shot_video' } }),
    ],
    [{ name: 'brief', type: 'text' }],
  )
  const wiring = wired(doc)
  const ends = (target: string) =>
    (wiring.into.get(target) ?? []).map((wire) => [wire.source, wire.targetSocket, wire.kind])

  it('go into one socket of the node, from outside alone', () => {
    expect(ends('shot')).toEqual([
      [INPUTS, INSIDE, 'text'],
      ['style', INSIDE, 'image'],
    ])
    const socket = wiring.nodes.get('shot')?.inputs.find(({ key }) => key === INSIDE)
    expect(socket).toMatchObject({ title: 'Inside', kind: 'choice', isFilled: true })
  })

  it('come out of the node for every result of a stage inside', () => {
    expect(wiring.nodes.get('shot')?.kind).toBe('video')
    expect(ends('poster')).toEqual([['shot', 'port:image', 'image']])
    expect(ends('longer')).toEqual([['shot', 'port:video', 'video']])
  })

  it('are neither drawn nor taken away', () => {
    const inside = { node: 'shot', socket: INSIDE }
    expect(canConnect(doc, wiring, TOOLS, { node: 'style', socket: 'out' }, inside)).toMatchObject({
      ok: false,
      reason: INSIDE_ONLY,
    })
    const groups = optionsFor(doc, wiring, TOOLS, { node: 'style', socket: 'out' }, 'shot')
    expect(groups.flatMap(({ options }) => options.map(({ socket }) => socket))).toEqual([AFTER])
    for (const wire of wiring.into.get('shot') ?? []) expect(disconnect(doc, wire).ops).toEqual([])
  })

  it('are kept with the record: typing elsewhere leaves the node as it is', () => {
    const typed = setLabel(doc, 'style', 'Look')
    const next = readWiring(applyAll(doc, typed.ops).doc, TOOLS, wiring)
    expect(next.nodes.get('shot')).toBe(wiring.nodes.get('shot'))
  })

  it('no new stage is called as one inside', () => {
    expect(freshKey(doc, 'clip')).toBe('clip-2')
  })
})
