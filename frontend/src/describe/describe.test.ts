import { describe, expect, test } from 'vitest'
import { toSpec } from '../document/convert'
import { diff } from '../document/diff'
import { applyAll, row } from '../document/ops'
import { fieldOf } from '../graph/edit'
import { renameInput } from '../graph/edits/renaming'
import { type Box, sizeOf, storedAt, touches } from '../graph/geometry'
import { docOf, fixed, input, resultOf, TOOLS, wired } from '../graph/testing'
import { entriesOf } from '../versions/entries'
import { withKeysOf } from './keys'
import { placeDraft } from './placing'
import { rebase } from './rebase'

const still = fixed('still', 'generate_image', { args: { prompt: '$inputs.brief' } })
const clip = fixed('clip', 'generate_video', {
  args: { prompt: 'Slow push in', reference_image_urls: [resultOf('still')], duration: 5 },
})
const at = (...rows: [string, number, number][]) => ({
  graph: { nodes: rows.map(([stageId, x, y]) => ({ stageId, x, y })), frames: [], notes: [] },
})
const BASE = docOf([still, clip], [input('brief', 'text')], at(['still', 0, 0], ['clip', 280, 0]))

describe('withKeysOf', () => {
  test('an input that was renamed in the editor is the same input in the draft', () => {
    const renamed = applyAll(BASE, renameInput(BASE, 'brief', 'idea').ops).doc
    expect(renamed.inputs.order).toEqual(['brief'])
    const draft = docOf([still, clip], [input('idea', 'text'), input('brief', 'image')])
    const result = withKeysOf(renamed, draft)
    expect(result.inputs.order).toEqual(['brief', 'brief_2'])
    expect(fieldOf(row(result, 'inputs', 'brief'), ['name'])).toBe('idea')
    expect(fieldOf(row(result, 'inputs', 'brief_2'), ['name'])).toBe('brief')
  })

  test('an equal draft is no change at all, seeds and test values are the document’s', () => {
    const tried = applyAll(BASE, [
      { op: 'put', table: 'seeds', key: 'still', value: { seed: 7 } },
      { op: 'put', table: 'values', key: 'brief', value: { value: 'A harbour' } },
    ]).doc
    expect(diff(tried, withKeysOf(tried, BASE))).toEqual([])
  })
})

describe('placed', () => {
  const boxesOf = (doc: typeof BASE): Box[] =>
    [...wired(doc).nodes.values()].map((node) => ({
      ...(storedAt(doc, node.id) ?? { x: Number.NaN, y: 0 }),
      ...sizeOf(node),
    }))
  const overlaps = (boxes: readonly Box[]) =>
    boxes.some((one, at) => boxes.slice(at + 1).some((other) => touches(one, other)))
  const big = fixed('big', 'upscale_video', { args: { reference_video_url: resultOf('clip') } })
  const more = ['one', 'two', 'three'].map((id) =>
    fixed(id, 'animate_photo', { args: { reference_image_url: resultOf('still') } }),
  )

  test('what is there stays, what is new is beside its sources and covers nothing', () => {
    const draft = docOf(
      [still, clip, big, ...more],
      [input('brief', 'text')],
      at(['still', 0, 0], ['clip', 280, 0]),
    )
    const result = placeDraft(BASE, draft, TOOLS)
    expect(storedAt(result, 'still')).toEqual({ x: 0, y: 0 })
    expect(storedAt(result, 'clip')).toEqual({ x: 280, y: 0 })
    expect(storedAt(result, 'big')?.x).toBe(560)
    const shots = ['one', 'two', 'three'].map((id) => storedAt(result, id))
    expect(shots.map((shot) => shot?.x)).toEqual([280, 280, 280])
    const rows = shots.map((shot) => shot?.y ?? Number.NaN)
    expect(rows).toEqual(rows.toSorted((one, other) => one - other))
    const stages = boxesOf(result).filter((box) => !Number.isNaN(box.x))
    expect(stages).toHaveLength(6)
    expect(overlaps(stages)).toBe(false)
    expect(entriesOf(BASE, result, TOOLS).map(({ kind }) => kind)).toEqual(Array(4).fill('added'))
  })

  test('a new template is laid out as a whole', () => {
    const result = placeDraft(docOf([]), docOf([still, clip, big, ...more]), TOOLS)
    const boxes = boxesOf(result)
    expect(boxes.every((box) => Number.isFinite(box.x))).toBe(true)
    expect(overlaps(boxes)).toBe(false)
  })

  test('where nothing was ever moved, nothing is', () => {
    const base = docOf([still, clip])
    expect(placeDraft(base, docOf([still, clip, big]), TOOLS).nodes.order).toEqual([])
  })
})

describe('rebased', () => {
  const wanted = docOf(
    [
      still,
      { ...clip, args: { ...(clip.args as object), duration: 8, prompt: 'Hold still' } },
      fixed('big', 'upscale_video', { args: { reference_video_url: resultOf('clip') } }),
    ],
    [input('brief', 'text')],
    at(['still', 0, 0], ['clip', 280, 0]),
  )
  const ops = diff(BASE, wanted)
  const DURATION = ['args', 'duration']
  const edited = (path: string[], value: string | number) =>
    applyAll(BASE, [{ op: 'set', table: 'stages', key: 'clip', path, value }]).doc

  const removed = applyAll(BASE, [{ op: 'remove', table: 'stages', key: 'clip' }]).doc

  test.each([
    ['edits of other fields go on beside the proposal', edited(['label'], 'Shots'), []],
    [
      'a field that someone else edited is a conflict',
      edited(DURATION, 3),
      ['stages/clip#args/duration'],
    ],
    ['but not if they wrote the same', edited(DURATION, 8), []],
    ['a deleted stage stays deleted', removed, []],
  ])('%s', (_, now, conflicts) => {
    const isLost = now === removed
    const { doc, ...result } = rebase(BASE, ops, now)
    expect([...result.conflicts]).toEqual(conflicts)
    expect([...result.deletions]).toEqual(isLost ? ['clip'] : [])
    expect(doc.stages.order).toEqual(isLost ? ['still', 'big'] : ['still', 'clip', 'big'])
    if (isLost) return
    const record = row(doc, 'stages', 'clip')
    expect(fieldOf(record, DURATION)).toBe(8)
    expect(fieldOf(record, ['label'])).toBe(fieldOf(row(now, 'stages', 'clip'), ['label']))
  })

  test('a stage that was edited meanwhile is not removed without being asked', () => {
    const removal = diff(BASE, docOf([still], [input('brief', 'text')]))
    const result = rebase(BASE, removal, edited(['label'], 'Shots'))
    expect([...result.conflicts]).toContain('stages/clip')
  })

  test('accepted and undone it is the document again, word for word', () => {
    const { doc, inverse } = applyAll(BASE, ops)
    expect(toSpec(applyAll(doc, inverse).doc)).toEqual(toSpec(BASE))
  })
})
