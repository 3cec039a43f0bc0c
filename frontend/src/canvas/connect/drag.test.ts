import { expect, test } from 'vitest'
import type { Doc, Json } from '../../api/schema'
import { applyAll, row } from '../../document/ops'
import { type Box, sizeOf } from '../../graph/geometry'
import { docOf, fixed, input, resultOf, TOOLS, wired } from '../../graph/testing'
import { aimAt, begin, bestOf, drop, isStranger, SNAP, sourceOf, wireToPick } from './drag'

const FILM = docOf(
  [
    fixed('picture', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('music', 'generate_music'),
    fixed('shot', 'animate_photo', { args: { reference_image_url: resultOf('picture') } }),
    fixed('film', 'stitch_video', { args: { reference_video_urls: [resultOf('shot')] } }),
  ],
  [input('brief', 'text')],
)

function asked(doc: Doc = FILM) {
  return { doc, wiring: wired(doc), tools: TOOLS }
}

function boxes(doc: Doc = FILM): Map<string, Box> {
  const placed = new Map<string, Box>()
  for (const node of wired(doc).nodes.values())
    placed.set(node.id, { x: placed.size * 400, y: 0, ...sizeOf(node) })
  return placed
}

function portPlace(id: string, side: 'in' | 'out', socket: string) {
  const node = asked().wiring.nodes.get(id)
  const box = boxes().get(id)
  const sockets = (side === 'in' ? node?.inputs : node?.outputs) ?? []
  const at = sockets.findIndex((known) => known.key === socket)
  if (!node || !box || at < 0) throw new Error(`No port ${id} ${socket}`)
  const rows = Math.max(node.inputs.length, node.outputs.length)
  const first = box.height - 8 - 24 * rows + 12
  return { x: box.x + (side === 'in' ? 0 : box.width), y: box.y + first + 24 * at }
}

function args(doc: Doc, id: string): Json {
  return (row(doc, 'stages', id) as { args: Json }).args
}

const MUSIC = { node: 'music', socket: 'out', kind: 'audio', side: 'out' } as const
const PICTURE = { node: 'picture', socket: 'out', kind: 'image', side: 'out' } as const

test('a loose end jumps onto a port that fits, from as far as the screen says', () => {
  const drag = begin(asked(), MUSIC)
  const port = portPlace('film', 'in', 'port:audio')
  const aim = (x: number, zoom: number) =>
    aimAt(drag, [...boxes()], { x: port.x + x, y: port.y + 2 }, zoom, SNAP)
  const fits = { type: 'port', node: 'film', socket: 'port:audio', fits: true }
  expect(aim(-20, 1)).toEqual(fits)
  expect(aim(-50, 1)).toBeNull()
  expect(aim(-50, 0.5)).toEqual(fits)
})

test('a port that does not fit is meant only from close by', () => {
  const drag = begin(asked(), MUSIC)
  const port = portPlace('shot', 'in', 'port:image')
  const near = aimAt(drag, [...boxes()], { x: port.x - 6, y: port.y }, 1, SNAP)
  expect(near).toEqual({ type: 'port', node: 'shot', socket: 'port:image', fits: false })
  expect(aimAt(drag, [...boxes()], { x: port.x - 24, y: port.y }, 1, SNAP)).toBeNull()
})

test('one field that fits is taken from anywhere on the body, several are asked about', () => {
  const music = begin(asked(), MUSIC)
  expect(bestOf(music, 'film')?.socket).toBe('port:audio')
  expect(drop(music, { type: 'body', node: 'film' }).type).toBe('edit')
  const bare = docOf([fixed('picture', 'generate_image'), fixed('shot', 'animate_photo')])
  const picture = begin(asked(bare), PICTURE)
  expect(bestOf(picture, 'shot')).toBeNull()
  const outcome = drop(picture, { type: 'body', node: 'shot' })
  if (outcome.type !== 'choose') throw new Error(outcome.type)
  expect(outcome.options.map((option) => option.socket)).toContain('port:end')
})

test('an edge that is refused says why and offers what would do', () => {
  const drag = begin(asked(), MUSIC)
  const outcome = drop(drag, { type: 'port', node: 'shot', socket: 'port:image', fits: false })
  if (outcome.type !== 'refuse') throw new Error(outcome.type)
  expect(outcome.reason).toMatch(/needs images\. .* is audio\.$/)
  const [first] = outcome.fits
  if (!first) throw new Error('nothing is offered')
  const { doc } = applyAll(FILM, first.ops)
  expect(JSON.stringify(args(doc, 'shot'))).toContain('$artifacts.music')
})

test('an edge that is taken up goes elsewhere, back, or away, as one edit', () => {
  const wire = wireToPick(asked(), {
    node: 'shot',
    socket: 'port:image',
    kind: 'image',
    side: 'in',
  })
  if (!wire) throw new Error('no wire')
  const drag = begin(asked(), sourceOf(wire), wire)
  const back = drop(drag, { type: 'port', node: 'shot', socket: 'port:image', fits: true })
  expect(back.type).toBe('nothing')
  const away = drop(drag, null)
  if (away.type !== 'edit') throw new Error(away.type)
  expect(args(applyAll(FILM, away.edit.ops).doc, 'shot')).toEqual({})
  const other = drop(drag, { type: 'port', node: 'shot', socket: 'port:end', fits: true })
  if (other.type !== 'edit') throw new Error(other.type)
  const moved = args(applyAll(FILM, other.edit.ops).doc, 'shot')
  expect(moved).toEqual({ reference_image_end_url: resultOf('picture') })
})

test('a new edge that is let go over nothing asks what to add', () => {
  expect(drop(begin(asked(), MUSIC), null)).toEqual({ type: 'add' })
})

test('nodes that would close a circle, and those that take nothing of it, are outsiders', () => {
  const drag = begin(asked(), { node: 'film', socket: 'out', kind: 'video', side: 'out' })
  expect(isStranger(drag, 'shot')).toBe(true)
  expect(isStranger(drag, 'music')).toBe(true)
  expect(isStranger(drag, 'film')).toBe(false)
})

test('a drag backward from an empty input finds the outputs that fill it', () => {
  const end = { node: 'film', socket: 'port:audio', kind: 'audio', side: 'in' } as const
  expect(wireToPick(asked(), end)).toBeNull()
  const drag = begin(asked(), end)
  const port = portPlace('music', 'out', 'out')
  const aim = aimAt(drag, [...boxes()], { x: port.x + 12, y: port.y }, 1, SNAP)
  expect(aim).toEqual({ type: 'port', node: 'music', socket: 'out', fits: true })
  const outcome = drop(drag, aim)
  if (outcome.type !== 'edit') throw new Error(outcome.type)
  const { doc } = applyAll(FILM, outcome.edit.ops)
  expect(args(doc, 'film')).toMatchObject({ reference_audio_url: resultOf('music') })
})
