import { describe, expect, test } from 'vitest'
import type { FileInput } from '../api/schema'
import { applyAll } from '../document/ops'
import { docOf, fixed, input } from '../graph/testing'
import { additionsTo, extrasOf, notesOn, originWords, planWith, valueAt } from './plan'
import { FORM, lackOf, unusedWords } from './planForm'
import { fingerprint } from './planRow'
import type { Plan } from './planTypes'
import { planOf, shotOf } from './testing'

describe('written', () => {
  test('what it shows is written into the shots that still had the former words', () => {
    const plan = planOf({ shows: 'A lamp', scenes: [shotOf('A lamp'), shotOf('The sea')] })
    const next = planWith(plan, 'shows', 'A lighthouse')
    expect(next.scenes.map(({ text }) => text)).toEqual(['A lighthouse', 'The sea'])
    expect(next.shows).toBe('A lighthouse')
  })

  test('a shot that is added has the words of the last one and a framing that none has', () => {
    const plan = planOf({
      scenes: [shotOf('A lamp', 'wide shot'), shotOf('The sea', 'close-up'), TITLE],
    })
    expect(added(plan, 'Add a shot').scenes.at(-1)).toEqual(shotOf('The sea', 'medium shot'))
    const plain = planOf({ scenes: [shotOf('A lamp')] })
    expect(added(plain, 'Add a shot').scenes[1]).toEqual(shotOf('A lamp'))
  })

  test('what is added has a name, as long as there is room for it', () => {
    const image = planOf({ kind: 'image' })
    expect(additionsTo(image, 'scenes').map(([words]) => words)).toEqual(['Add an image'])
    expect(additionsTo(planOf({ scenes: Array(20).fill(shotOf('A lamp')) }), 'scenes')).toEqual([])
    const [step] = additionsTo(planOf({ kind: 'photo_edit' }), 'edits')
    expect([step?.[0], step?.[1].edits[0]?.type]).toEqual(['Add a step', 'upscale'])
  })

  test('the words go along when something else is made of them, and come back', () => {
    const film = planOf({ shows: 'A lamp', scenes: [shotOf('A lamp')] })
    for (const [kind, field] of [['song', 'music_words'] as const, ['audio', 'spoken'] as const]) {
      const other = planWith(film, 'kind', kind)
      expect(other.sound[field]).toBe('A lamp')
      expect(other.scenes).toEqual([])
      expect(lackOf(other)).toBeNull()
      const back = planWith(other, 'kind', 'film')
      expect(back.scenes).toEqual([shotOf('A lamp')])
      expect(back.sound).toEqual({ ...film.sound, music_words: PIANO })
    }
  })

  test('a song that was written as one becomes a film of its words', () => {
    const song = planOf({ kind: 'song', scenes: [], shows: '' })
    song.sound = { ...song.sound, music_words: 'Rain on a tin roof' }
    const film = planWith(song, 'kind', 'film')
    expect([film.shows, film.scenes[0]?.text]).toEqual(Array(2).fill('Rain on a tin roof'))
    expect([film.sound.music, film.sound.music_words]).toEqual([true, PIANO])
  })

  test('My file asks for one, and its type says what can be done', () => {
    const plan = planWith(planOf(), 'kind', 'photo_edit')
    expect([plan.kind, plan.media[0]?.kind]).toEqual(['photo_edit', 'image'])
    const video = planWith(plan, 'media', [{ ...plan.media[0], kind: 'video' }] as never)
    expect(video.kind).toBe('clip_edit')
    expect(planWith(plan, 'media', []).media).toEqual(plan.media)
  })

  test('My file has nothing from a film that no one wrote', () => {
    const film = added(planOf(), 'Add a title card')
    const plan = planWith(film, 'kind', 'photo_edit')
    expect(plan.scenes).toEqual(planOf().scenes)
    expect(valueAt(plan, 'sound.music')).toBe(false)
    expect(valueAt(planWith(plan, 'kind', 'film'), 'sound.music')).toBe(true)
    film.sound = { ...film.sound, music_words: 'piano' }
    expect(valueAt(planWith(film, 'kind', 'photo_edit'), 'sound.music')).toBe(true)
  })

  test('the usual music of a film is in nothing else, and in no film with music of its own', () => {
    const sound = { ...planOf().sound, music_words: PIANO }
    const song = planWith(planOf({ sound }), 'kind', 'song')
    expect(song.sound.music_words).toBe('A lamp')
    const voice = planWith(planOf({ sound }), 'kind', 'audio')
    expect([voice.sound.music, voice.sound.music_words]).toEqual([null, ''])
    const media: FileInput[] = [{ name: 'track', kind: 'audio', title: 'Track', count: 1 }]
    const film = planWith({ ...voice, media }, 'kind', 'film')
    expect([film.sound.music, film.sound.music_words]).toEqual([true, ''])
  })

  test('an input that is removed is in no shot and no text any more', () => {
    const open = { name: 'product', title: 'Product', default: 'the perfume', options: [] }
    const media: FileInput[] = [{ name: 'photo', kind: 'image', title: 'Photo', count: 1 }]
    const scenes = [{ ...shotOf('{product} on marble'), uses: 'photo' }]
    const plan = planOf({ shows: 'A teaser for {product}', scenes, media, open_texts: [open] })
    const next = planWith(planWith(plan, 'open_texts', []), 'media', [])
    expect(next.shows).toBe('A teaser for the perfume')
    expect(next.scenes).toEqual([shotOf('the perfume on marble')])
  })

  test('people are asked one thing at most', () => {
    const choose = planWith(planOf({ approves_images: true }), 'ask', 'choose')
    expect([choose.approves_images, choose.choice?.candidates]).toEqual([false, 3])
    expect(planWith(choose, 'choice.candidates', 5).choice).toEqual({ candidates: 5, pick: 1 })
    expect(planWith(choose, 'ask', 'never').choice).toBeNull()
  })
})

/** The plan after the press of a button below its rows. */
function added(plan: Plan, button: string): Plan {
  return additionsTo(plan, 'scenes').find(([words]) => words === button)?.[1] ?? plan
}

const PIANO = 'Emotional cinematic piano with warm strings'
const TITLE = { ...shotOf('The end'), type: 'title' as const }

test('what has no control is listed and can be removed', () => {
  const plan = planOf({
    camera: 'slow push in',
    on_the_beat: true,
    repeat: {
      item_name: 'city',
      items: ['Rome'],
      count: null,
      same_images: false,
      shows_name: false,
    },
    open_texts: [{ name: 'color', title: 'Color', default: '', options: ['Red', 'Blue'] }],
    edits: [{ type: 'upscale', words: '', start: null, end: null, aspect: '' }],
  })
  expect(extrasOf(plan).map(([words]) => words)).toEqual([
    'Repeat for each: City',
    'Camera: slow push in',
    'Cuts on the beat',
    'Color: Red, Blue',
    'Upscale',
  ])
  let rest = plan
  for (let most = 9; extrasOf(rest)[0] && most > 0; most -= 1) rest = extrasOf(rest)[0]?.[1] ?? rest
  expect(extrasOf(rest)).toEqual([])
  expect(rest.open_texts).toHaveLength(1)
})

test('a plan that lacks something says what', () => {
  expect(lackOf(planOf())).toBeNull()
  expect(lackOf(planOf({ scenes: [] }))).toBe('Add a shot.')
  expect(lackOf(planOf({ scenes: [shotOf(' ')] }))).toBe('Write what each shot shows.')
  expect(lackOf(planOf({ kind: 'image', scenes: [] }))).toBe('Add an image.')
  expect(lackOf(added(planOf(), 'Add a title card'))).toBe('Write the words on the title card.')
  expect(lackOf(planOf({ scenes: [{ ...shotOf(''), uses: 'photo' }] }))).toBeNull()
  expect(lackOf(planOf({ seconds: 900 }))).toBe('Length: At most 600.')
  const long = { ...shotOf('A lamp'), seconds: 900 }
  expect(lackOf(planOf({ scenes: [long] }))).toBe('Shots: At most 600.')
  expect(lackOf(planOf({ kind: 'song' }))).toBe('Write what it sounds like.')
})

test('a field says where its value comes from until someone changes it', () => {
  const plan = planOf({ aspect: '9:16', style: 'ink' })
  const row = { settings: plan, fromWords: ['aspect'], notes: { aspect: 'Two formats are named.' } }
  const origin = { row, planner: 'rules' }
  expect(originWords(plan, origin, ['aspect'])).toBe('from your words')
  expect(originWords(plan, origin, ['style'])).toBe('')
  expect(notesOn(plan, [row, row], ['aspect'])).toBe('Two formats are named.')
  const changed = planWith(plan, 'aspect', '1:1')
  expect(originWords(changed, origin, ['aspect'])).toBe('')
  expect(notesOn(changed, [row], ['aspect'])).toBe('')
  const model = { row: { ...row, fromWords: ['style'] }, planner: 'qwen' }
  expect(originWords(plan, model, ['style'])).toBe('by qwen')
  expect(originWords(plan, model, ['aspect'])).toBe('')
})

test('sound that nothing makes is shown where it is set, and said to be unused', () => {
  const all = { music: true, music_words: 'harp', speech: true, spoken: 'Hi', subtitles: true }
  const none = { music: null, music_words: '', speech: false, spoken: '', subtitles: false }
  const sounds = (kind: Plan['kind'], sound: Partial<Plan['sound']>) => {
    const plan = planOf({ kind, sound: { ...planOf().sound, ...sound } })
    const rows = FORM.filter(({ field, isShown }) => /^sound/.test(field) && isShown(plan))
    return rows.map(({ label, field }) => `${label}: ${unusedWords(plan, [field])}`)
  }
  expect(sounds('image', none)).toEqual([])
  expect(sounds('image', all)).toEqual([
    'Music: An image has no music, so this is unused.',
    'Music style: ',
    'Voice: An image has no voice, so this is unused.',
    'What it says: ',
    'Subtitles: An image has no subtitles, so this is unused.',
  ])
  expect(sounds('song', none)).toEqual(['Music style: '])
  expect(sounds('song', all)).toEqual([
    'Music style: ',
    'Voice: A song has no voice, so this is unused.',
    'What it says: ',
    'Subtitles: A song has no subtitles, so this is unused.',
  ])
  expect(sounds('song', { ...all, lyrics: true, subtitles: false })).toEqual(['Music style: '])
  expect(sounds('audio', none)).toEqual(['Music: ', 'What it says: '])
  expect(sounds('audio', all).at(-1)).toBe(
    'Subtitles: A voice has no subtitles, so this is unused.',
  )
  for (const kind of ['film', 'photo_edit'] as const)
    expect(sounds(kind, all).map((one) => one.split(': ')[1])).toEqual(Array(5).fill(''))
})

test('a fingerprint is of stages and inputs, and not of the order of their fields', () => {
  const doc = docOf([fixed('one', 'generate_image', { label: 'One' })], [input('brief', 'text')])
  const stage = { label: 'One', args: {}, produces: ['one'], tool: 'generate_image', type: 'fixed' }
  expect(fingerprint(docOf([{ ...stage, id: 'one' }], [{ type: 'text', name: 'brief' }]))).toBe(
    fingerprint(doc),
  )
  const [moved, edited] = (['nodes', 'stages'] as const).map((table) => {
    const path = [table === 'nodes' ? 'x' : 'label']
    const put = { op: 'put', table: 'nodes', key: 'one', value: { stageId: 'one' } } as const
    return applyAll(doc, [put, { op: 'set', table, key: 'one', path, value: 'Two' }]).doc
  })
  expect(fingerprint(moved as typeof doc)).toBe(fingerprint(doc))
  expect(fingerprint(edited as typeof doc)).not.toBe(fingerprint(doc))
})
