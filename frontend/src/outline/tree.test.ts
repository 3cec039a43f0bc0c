import { expect, test } from 'vitest'
import type { Doc } from '../api/schema'
import { applyAll } from '../document/ops'
import { removeNodes } from '../graph/edits/remove'
import { disconnect } from '../graph/edits/wires'
import { docOf, fixed, input, largeDoc, resultOf, wired } from '../graph/testing'
import { NOTES } from './notes'
import { childRows, type Row, rowCalled, shownRows, survivor, topRows } from './tree'

const film = docOf(
  [
    fixed('film', 'stitch_video', {
      args: { videoUrls: [resultOf('shot'), resultOf('other')] },
    }),
    fixed('frame', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('shot', 'animate_photo', { args: { reference_image_url: resultOf('frame') } }),
    fixed('other', 'animate_photo', { args: { reference_image_url: resultOf('frame') } }),
  ],
  [input('brief', 'text')],
  { graph: { notes: [{ id: 'n', x: 0, y: 0, width: 200, text: 'Slower' }] } },
)

function rowsOf(doc: Doc, ...open: string[]): Row[] {
  const wiring = wired(doc)
  return shownRows(topRows(wiring, doc), new Set(open), wiring, doc)
}

const ids = (rows: readonly Row[]) => rows.map((row) => row.id)

test('the inputs come first, then stages behind all they take from, then notes', () => {
  const order = ids(rowsOf(film))
  expect(order[0]).toBe('$inputs')
  expect(order.indexOf('frame')).toBeLessThan(order.indexOf('shot'))
  expect(order.indexOf('shot')).toBeLessThan(order.indexOf('film'))
  expect(order.indexOf('other')).toBeLessThan(order.indexOf('film'))
  expect(order.at(-1)).toBe(NOTES)
})

test('an open stage shows a row for each wire of a port, one to connect more, and its output', () => {
  const rows = rowsOf(film, 'film').filter((row) => row.parent === 'film')
  const clips = rows.filter((row) => row.type === 'in' && row.socket?.kind === 'video')
  expect(clips.map((row) => row.wire?.source ?? null)).toEqual(['shot', 'other', null])
  expect(rows.at(-1)?.type).toBe('out')
  expect(new Set(ids(rows)).size).toBe(rows.length)
})

test('open inputs and notes show what they hold', () => {
  const shown = ids(rowsOf(film, '$inputs', NOTES))
  expect(shown).toContain('out\n$inputs\nbrief')
  expect(shown.at(-1)).toBe('note:n')
})

test('a removed stage leaves the keyboard to its neighbour', () => {
  const before = rowsOf(film)
  const removed = applyAll(film, removeNodes(film, wired(film), ['shot'], { heal: true }).ops).doc
  const after = rowsOf(removed)
  const next = before[ids(before).indexOf('shot') + 1]?.id
  expect(survivor(before, after, 'shot')).toBe(next)
  expect(survivor(before, after, 'film')).toBe('film')
})

test('an edge taken away leaves the keyboard on its port', () => {
  const before = rowsOf(film, 'shot')
  const bound = before.find((row) => row.wire !== null) as Row
  const after = rowsOf(applyAll(film, disconnect(film, bound.wire as never).ops).doc, 'shot')
  // Nothing else is there, so the picture joins by itself: another row of the same port.
  const next = after.find(({ id }) => id === survivor(before, after, bound.id))
  expect([next?.node, next?.socket?.key]).toEqual(['shot', bound.socket?.key])
  expect(next?.wire?.isImplied).toBe(true)
})

test('what is closed or gone with its parent leaves the keyboard there, or at the first row', () => {
  const before = rowsOf(film, 'film')
  const inside = before.find((row) => row.parent === 'film') as Row
  expect(survivor(before, rowsOf(film), inside.id)).toBe('film')
  expect(survivor([], rowsOf(film), null)).toBe('$inputs')
  expect(survivor(rowsOf(film), [], 'film')).toBe(null)
})

test('letters lead to the next row of that name, and on from there', () => {
  const rows = rowsOf(film)
  const named = (row: Row) => row.id
  expect(rowCalled(rows, 'frame', 'f', named)?.id).toBe('film')
  expect(rowCalled(rows, 'film', 'f', named)?.id).toBe('frame')
  expect(rowCalled(rows, 'frame', 'fr', named)?.id).toBe('frame')
  expect(rowCalled(rows, 'frame', 'zebra', named)).toBe(null)
})

test('a thousand stages become rows in a few milliseconds', () => {
  const doc = largeDoc(1_000)
  const wiring = wired(doc)
  const began = performance.now()
  const tops = topRows(wiring, doc)
  shownRows(tops, new Set(['s500']), wiring, doc)
  expect(performance.now() - began).toBeLessThan(1500)
  expect(tops).toHaveLength(1_001)
  expect(childRows(tops[3] as Row, wiring, doc).length).toBeGreaterThan(1)
})
