import { describe, expect, it } from 'vitest'
import type { Doc, Json, JsonObject } from '../../api/schema'
import { toDocument, toSpec } from '../../document/convert'
import { diff } from '../../document/diff'
import { applyAll } from '../../document/ops'
import { Session } from '../../document/session'
import { sizeOf, touches } from '../geometry'
import { placesOf } from '../layout'
import { docOf, fixed, input, TOOLS, wired } from '../testing'
import { collapsedFrom, notUnpackable, unpack } from './unpack'

const STILL = fixed('still', 'generate_image', { args: { prompt: '$inputs.brief' } })
const CLIP = fixed('clip', 'generate_video', { args: { sourceImageIndex: '$artifacts.still' } })
const SHOT: JsonObject = { id: 'shot', type: 'fixed', produces: ['film'], subStages: [STILL, CLIP] }
const BEFORE = fixed('style', 'generate_image', { args: { prompt: 'x' } })
const AFTER = fixed('longer', 'upscale_video', {
  args: { reference_video_url: '$artifacts.film' },
})

const docWith = (shot: JsonObject, more: JsonObject = {}): Doc =>
  docOf([BEFORE, shot, AFTER], [input('brief', 'text')], more)
const withSeeds = (doc: Doc, rows: JsonObject): Doc => ({
  ...doc,
  seeds: { order: Object.keys(rows), rows },
})
const edited = (doc: Doc) => unpack(doc, wired(doc), TOOLS, 'shot')
const unpacked = (shot: JsonObject): Json => {
  const doc = docWith(shot)
  return toSpec(applyAll(doc, edited(doc).ops).doc).stages ?? null
}

describe('unpacking a stage', () => {
  it('puts the stages inside it in its place, the result with its names', () => {
    expect(unpacked(SHOT)).toEqual([BEFORE, STILL, { ...CLIP, produces: ['clip', 'film'] }, AFTER])
    const doc = docWith(SHOT)
    expect(edited(doc)).toMatchObject({ label: 'Unpack Shot', select: ['still', 'clip'] })
  })

  it('leaves a name with the stage inside that makes it', () => {
    const shot = { ...SHOT, produces: ['still', 'film'] }
    expect(unpacked(shot)).toEqual([BEFORE, { ...STILL, produces: ['still', 'film'] }, CLIP, AFTER])
  })

  it('keeps the call of the stage, with its id, before what was inside', () => {
    const call = fixed('shot', 'generate_image', { label: 'Hero', produces: ['base', 'clip'] })
    const shot = { ...call, subStages: [STILL, CLIP] }
    expect(unpacked(shot)).toEqual([BEFORE, { ...call, produces: ['base'] }, STILL, CLIP, AFTER])
    const question = { id: 'shot', type: 'interactive', userMessage: 'Which?' }
    expect(unpacked({ ...question, subStages: [STILL] })).toEqual([BEFORE, question, STILL, AFTER])
  })

  it('keeps a name of the call that a stage inside reads before another produces it', () => {
    const call = fixed('shot', 'generate_image', { produces: ['base'] })
    const better = fixed('better', 'edit_image', {
      args: { sourceImageIndex: '$artifacts.base' },
      produces: ['base'],
    })
    expect(unpacked({ ...call, subStages: [better] })).toEqual([BEFORE, call, better, AFTER])
  })

  it('has each wait for what the stage waited for', () => {
    const shot = { ...SHOT, requiredArtifactsIn: ['style'], optionalArtifactsIn: ['style'] }
    const waits = { requiredArtifactsIn: ['style'], optionalArtifactsIn: ['style'] }
    const own = { ...CLIP, requiredArtifactsIn: ['still', 'style'] }
    const inner = { ...CLIP, requiredArtifactsIn: ['still'] }
    expect(unpacked({ ...shot, subStages: [STILL, inner] })).toEqual([
      BEFORE,
      { ...STILL, ...waits },
      { ...own, produces: ['clip', 'film'], optionalArtifactsIn: ['style'] },
      AFTER,
    ])
  })

  it('takes one level out: a group inside is a group then', () => {
    const inner: JsonObject = { id: 'inner', type: 'fixed', subStages: [STILL] }
    const result = unpacked({ ...SHOT, subStages: [inner, CLIP] })
    expect(result).toEqual([BEFORE, inner, { ...CLIP, produces: ['clip', 'film'] }, AFTER])
  })

  it('is undone exactly', () => {
    const graph = { nodes: nodes({ style: [0, 0], shot: [280, 0], longer: [560, 0] }) }
    for (const shot of [SHOT, { ...SHOT, tool: 'generate_image' }]) {
      const doc = withSeeds(docWith(shot, { graph }), { shot: 5, still: 7 })
      const { doc: after, inverse } = applyAll(doc, edited(doc).ops)
      expect(applyAll(after, inverse).doc).toEqual(doc)
    }
  })

  it('keeps the seeds of the stages inside', () => {
    const doc = withSeeds(docWith(SHOT), { shot: 5, still: 7 })
    expect(applyAll(doc, edited(doc).ops).doc.seeds.rows).toEqual({ still: 7 })
  })
})

const nodes = (at: Readonly<Record<string, readonly [number, number]>>) =>
  Object.entries(at).map(([stageId, [x, y]]) => ({ stageId, x, y }))

function expectNoOverlap(doc: Doc): void {
  const wiring = wired(doc)
  const boxes = [...placesOf(doc, wiring)].flatMap(([id, at]) => {
    const node = wiring.nodes.get(id)
    return node ? [{ ...at, ...sizeOf(node) }] : []
  })
  boxes.forEach((one, at) => {
    for (const other of boxes.slice(at + 1)) expect(touches(one, other)).toBe(false)
  })
}

describe('the places of unpacked stages', () => {
  it('are columns from where the stage was, and nothing overlaps', () => {
    const graph = {
      nodes: nodes({ style: [0, 0], shot: [280, 0], longer: [560, 0] }),
      frames: [{ id: 'f', x: 270, y: -40, width: 250, height: 400, title: 'Shot' }],
      notes: [{ id: 'n', x: 800, y: 0, width: 200, text: 'x' }],
    }
    const doc = docWith(SHOT, { graph })
    const after = applyAll(doc, edited(doc).ops).doc
    const wiring = wired(after)
    const places = placesOf(after, wiring)
    expect(places.get('still')).toEqual({ x: 280, y: 48 })
    expect(places.get('clip')).toEqual({ x: 560, y: 0 })
    expect(places.get('longer')).toEqual({ x: 840, y: 0 })
    expect(after.frames.rows.f).toMatchObject({ x: 270, width: 530 })
    expect(after.notes.rows.n).toMatchObject({ x: 1080 })
  })

  it('have shots from top to bottom, each beside what it is made of', () => {
    const shots = [1, 2, 3].flatMap((at) => [
      fixed(`still${at}`, 'generate_image', { args: { prompt: 'x' } }),
      fixed(`clip${at}`, 'generate_video', { args: { sourceImageIndex: `$artifacts.still${at}` } }),
    ])
    const graph = { nodes: nodes({ style: [0, 0], shot: [280, 0], longer: [560, 0] }) }
    const doc = docWith({ ...SHOT, subStages: shots }, { graph })
    const after = applyAll(doc, edited(doc).ops).doc
    const wiring = wired(after)
    const middleOf = (key: string) => {
      const node = wiring.nodes.get(key)
      const at = placesOf(after, wiring).get(key)
      return node && at ? at.y + sizeOf(node).height / 2 : Number.NaN
    }
    const clips = [1, 2, 3].map((at) => middleOf(`clip${at}`))
    expect(clips).toEqual(clips.toSorted((one, other) => one - other))
    const off = [1, 2, 3].map((at) => Math.abs(middleOf(`still${at}`) - middleOf(`clip${at}`)))
    expect(Math.max(...off)).toBeLessThan(150)
  })

  it('go below what is in the way', () => {
    const loose = [1, 2, 3].map((at) => fixed(`s${at}`, 'generate_image', { args: {} }))
    const graph = { nodes: nodes({ style: [280, 180], shot: [280, 0], longer: [560, 0] }) }
    const doc = docWith({ ...SHOT, subStages: loose }, { graph })
    expectNoOverlap(applyAll(doc, edited(doc).ops).doc)
  })

  it('are not stored where nothing has a place', () => {
    const doc = docWith(SHOT)
    expect(edited(doc).ops.map(({ table }) => table)).toEqual(['stages', 'stages', 'stages'])
  })
})

describe('the place of stages that became a template', () => {
  it.each([
    ['there is room', { style: [0, 0], still: [280, 0], clip: [560, 0], longer: [840, 0] }],
    [
      'another is between them',
      { still: [0, 0], style: [280, 0], clip: [560, 0], longer: [840, 0] },
    ],
    ['no place is stored', {}],
    ['some places are stored', { style: [0, 0], still: [280, 0] }],
  ] as const)('overlaps nothing and is undone and done again exactly: %s', (_, at) => {
    const graph = { nodes: nodes(at) }
    const doc = docOf([STILL, BEFORE, CLIP, AFTER], [input('brief', 'text')], { graph })
    const after = toDocument({
      ...toSpec(doc),
      stages: [
        BEFORE,
        fixed('shot', 'generate_video', { args: { prompt: '$inputs.brief' } }),
        { ...AFTER, args: { reference_video_url: '$artifacts.shot' } },
      ],
      graph: { nodes: graph.nodes.filter(({ stageId }) => !/still|clip/.test(stageId)) },
    })
    const answer = { ops: diff(doc, after), keys: ['shot'] }
    const session = new Session(doc, 0)
    const keys = ['still', 'clip']
    session.do('', collapsedFrom(doc, wired(doc), TOOLS, keys, 'Shot', answer).ops)
    const made = session.view
    expectNoOverlap(made)
    session.undo()
    expect(session.view).toEqual(doc)
    session.redo()
    expect(session.view).toEqual(made)
  })
})

describe('a stage that can’t be unpacked as it is', () => {
  it.each([
    [{ condition: { type: 'if_success_of', stageId: 'style' } }, 'Set its condition to Always'],
    [{ checkpointRequired: true }, 'Turn off “Pause for approval”'],
    [{ bypass: true }, 'Turn off “Bypass”'],
    [{ onError: 'continue' }, 'Set “If it fails” to “Stop the run”'],
    [{ subStages: [] }, 'Select a stage with stages inside'],
  ])('says why: %o', (fields, reason) => {
    const doc = docWith({ ...SHOT, ...(fields as JsonObject) })
    expect(notUnpackable(doc, 'shot')).toBe(`${reason} first.`)
    expect(edited(doc).ops).toEqual([])
  })

  it('is no template stage for its condition', () => {
    const condition = { type: 'if_success_of', stageId: 'style' }
    const doc = docWith({ ...SHOT, condition, subStages: [], tool: 'template:shot@0.0.1' })
    expect(notUnpackable(doc, 'shot')).toBeNull()
  })

  it('is one that a condition looks at', () => {
    const condition = { type: 'if_error_in', stageId: 'shot' }
    const doc = docOf([SHOT, fixed('late', 'generate_image', { condition })])
    expect(notUnpackable(doc, 'shot')).toBe('Change the condition of Late first.')
  })
})
