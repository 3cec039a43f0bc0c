import { describe, expect, it } from 'vitest'
import type { Doc, JsonObject } from '../../api/schema'
import { toSpec } from '../../document/convert'
import { applyAll, row } from '../../document/ops'
import type { Edit } from '../edit'
import { docOf, fixed, wired } from '../testing'
import { addOutput, moveOutput, outputsOf, removeOutput, renameOutput } from './outputs'
import { removeNodes } from './remove'
import { renameArtifact } from './renaming'

const done = (doc: Doc, edit: Edit): Doc => applyAll(doc, edit.ops).doc
const stored = (doc: Doc) => (row(doc, 'root', 'template') as JsonObject).outputs

const plain = docOf([
  fixed('still', 'generate_image', { label: 'Cover still', produces: ['still'] }),
  fixed('clip', 'generate_video', { label: 'Clip' }),
])
const two = done(
  done(plain, addOutput(plain, 'still')),
  addOutput(done(plain, addOutput(plain, 'still')), 'clip'),
)

describe('outputs of a template', () => {
  it('are declared with a name, a label and a place', () => {
    expect(stored(two)).toEqual({
      cover_still: { from: '$artifacts.still', label: 'Cover still', position: 0 },
      clip: { from: '$artifacts.clip', label: 'Clip', position: 1 },
    })
    expect(outputsOf(two)).toEqual([
      { name: 'cover_still', label: 'Cover still', stage: 'still', place: null },
      { name: 'clip', label: 'Clip', stage: 'clip', place: null },
    ])
    expect(toSpec(two).outputs).toEqual(stored(two))
  })

  it('have a name once', () => {
    expect(outputsOf(done(two, addOutput(two, 'clip'))).map((output) => output.name)).toEqual([
      'cover_still',
      'clip',
      'clip-2',
    ])
  })

  it('are moved, and the first is the main one', () => {
    const moved = done(two, moveOutput(two, 1, 0))
    expect(outputsOf(moved).map((output) => output.name)).toEqual(['clip', 'cover_still'])
  })

  it('are named by people', () => {
    const named = done(two, renameOutput(two, 'clip', ' The film '))
    expect(outputsOf(named)[1]?.label).toBe('The film')
    expect(outputsOf(done(named, renameOutput(named, 'clip', '')))[1]?.label).toBe('')
  })

  it('are gone with the last of them, and come back with undo', () => {
    const one = done(two, removeOutput(two, 'clip'))
    const { doc, inverse } = applyAll(one, removeOutput(one, 'cover_still').ops)
    expect(stored(doc)).toBeUndefined()
    expect(stored(applyAll(doc, inverse).doc)).toEqual(stored(one))
  })

  it('follow a result that gets another name', () => {
    const renamed = done(two, renameArtifact(two, 'still', 'still', 'cover'))
    expect(outputsOf(renamed)[0]?.stage).toBe('still')
    expect((stored(renamed) as JsonObject).cover_still).toMatchObject({ from: '$artifacts.cover' })
  })

  it('follow a name that is also a part of other words', () => {
    const doc = docOf([fixed('a', 'generate_image', { produces: ['a'] })])
    const withOutput = done(doc, addOutput(doc, 'a'))
    const both = done(withOutput, renameArtifact(withOutput, 'a', 'a', 'b'))
    expect(stored(both)).toMatchObject({ a: { from: '$artifacts.b' } })
  })

  it('go with the stage that made them', () => {
    const without = done(two, removeNodes(two, wired(two), ['still']))
    expect(outputsOf(without).map((output) => output.name)).toEqual(['clip'])
  })

  it('are read as others wrote them', () => {
    const doc = docOf([fixed('still', 'generate_image', { produces: ['still'] })], [], {
      outputs: {
        late: { from: '$artifacts.still.items[1]', position: 5 },
        gone: { from: '$artifacts.nowhere' },
        odd: { from: 5 },
      },
    })
    expect(outputsOf(doc)).toEqual([
      { name: 'gone', label: '', stage: null, place: null },
      { name: 'odd', label: '', stage: null, place: null },
      { name: 'late', label: '', stage: 'still', place: 1 },
    ])
  })
})
