import { expect, test } from 'vitest'
import type { Doc, JsonObject } from '../../api/schema'
import { applyAll, row } from '../../document/ops'
import { storedAt } from '../../graph/geometry'
import { docOf, fixed, input, resultOf, TOOLS, tool, wired } from '../../graph/testing'
import { choicesFor, editFor, type Part, type Place } from './choices'

const FILM = docOf(
  [
    fixed('picture', 'generate_image', { args: { prompt: '$inputs.brief' } }),
    fixed('shot', 'animate_photo', { args: { reference_image_url: resultOf('picture') } }),
    fixed('film', 'stitch_video', { args: { reference_video_urls: [resultOf('shot')] } }),
  ],
  [input('brief', 'text')],
  {
    graph: {
      nodes: ['picture', 'shot', 'film'].map((stageId, at) => ({ stageId, x: at * 280, y: 0 })),
    },
  },
)

function asked(doc: Doc = FILM) {
  return { doc, wiring: wired(doc), tools: TOOLS }
}

function names(place: Place): string[] {
  return choicesFor(asked(), place).map(({ part, fit }) => {
    if (part.type === 'tool') return `${fit} ${part.tool.name}`
    if (part.type === 'note') return 'note'
    return `${part.type} ${part.type === 'input' ? part.inputType : part.stageType}`
  })
}

function done(part: Part, place: Place): Doc {
  const edit = editFor(asked(), part, place)
  if (!edit) throw new Error('It does not fit.')
  return applyAll(FILM, edit.ops).doc
}

function argsOf(doc: Doc, id: string): JsonObject {
  return (row(doc, 'stages', id) as { args: JsonObject }).args
}

const AT = { x: 900, y: 300 }

test('after a clip come stages that take clips, and no settings', () => {
  const end = { node: 'shot', socket: 'out', kind: 'video', side: 'out' } as const
  const found = names({ type: 'end', end, at: AT })
  expect(found).toContain('fits stitch_video')
  expect(found).not.toContain('fits generate_music')
  expect(found).not.toContain('input video')
})

test('before a picture port come makers of pictures and an input of pictures', () => {
  const end = { node: 'shot', socket: 'port:end', kind: 'image', side: 'in' } as const
  const found = names({ type: 'end', end, at: AT })
  expect(found).toContain('fits generate_image')
  expect(found).toContain('input image')
  expect(found).not.toContain('input text')
  const doc = done({ type: 'input', inputType: 'image' }, { type: 'end', end, at: AT })
  const key = doc.inputs.order.at(-1)
  expect(argsOf(doc, 'shot').reference_image_end_url).toBe(`$inputs.${key}`)
})

test('a setting is filled by an input of its type and by nothing else', () => {
  const end = { node: 'shot', socket: 'arg:prompt', kind: 'text', side: 'in' } as const
  const found = names({ type: 'end', end, at: AT })
  expect(found).toContain('input text')
  expect(found.some((name) => name.startsWith('fits'))).toBe(false)
})

test('what is added at an end is there, connected and selected', () => {
  const end = { node: 'shot', socket: 'out', kind: 'video', side: 'out' } as const
  const edit = editFor(
    asked(),
    { type: 'tool', tool: tool('stitch_video') },
    { type: 'end', end, at: AT },
  )
  const [key = ''] = edit?.select ?? []
  const { doc } = applyAll(FILM, edit?.ops ?? [])
  expect(storedAt(doc, key)?.x).toBe(AT.x)
  expect(JSON.stringify(argsOf(doc, key))).toContain('$artifacts.shot')
})

test('a stage that goes into an edge makes room for itself', () => {
  const { wiring } = asked()
  const wire = wiring.edges.find((known) => known.target === 'shot' && known.kind === 'image')
  if (!wire) throw new Error('no wire')
  const shown = new Map(
    ['picture', 'shot', 'film'].map((id) => [id, storedAt(FILM, id) ?? { x: 0, y: 0 }]),
  )
  const place: Place = {
    type: 'wire',
    wire,
    ends: [
      { x: 224, y: 186 },
      { x: 280, y: 186 },
    ],
    shown,
  }
  const found = names(place)
  expect(found.indexOf('between edit_image')).toBeLessThan(found.indexOf('takes generate_video'))
  const edit = editFor(asked(), { type: 'tool', tool: tool('edit_image') }, place, 'between')
  const [key = ''] = edit?.select ?? []
  const { doc } = applyAll(FILM, edit?.ops ?? [])
  expect(argsOf(doc, 'shot').reference_image_url).toBe(resultOf(key))
  const xs = ['picture', key, 'shot', 'film'].map((id) => storedAt(doc, id)?.x)
  expect(xs).toEqual([0, 280, 560, 840])
})

test('everything can be added to nothing', () => {
  const found = names({ type: 'free', at: AT })
  expect(found).toContain('note')
  expect(found).toContain('stage interactive')
  expect(found.length).toBeGreaterThan(TOOLS.all.length)
})
