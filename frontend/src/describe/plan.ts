/** Changes of the settings of a plan by a person. Pure. */

import {
  type EditPlan,
  type FileInput,
  type Json,
  type OpenText,
  type Shot,
  USUAL_MUSICS,
} from '../api/schema'
import { isObject, same } from '../document/ops'
import { fieldOf } from '../graph/edit'
import { wordsOf } from '../graph/words'
import { withField } from '../inspector/form/slot'
import type { Plan, PlanRow } from './planTypes'

/** Characters of a shot, and of each other text but the words of the whole. */
export const LONGEST = 2_000
export const FRAMINGS = ['wide shot', 'close-up', 'medium shot', 'low angle', 'side view']
const PHOTO: FileInput = { name: 'photo', kind: 'image', title: 'Photo', count: 1 }
const EMPTY = { text: '', framing: '', seconds: null, uses: '', ask_before: false }
const EDIT: EditPlan = { type: 'upscale', words: '', start: null, end: null, aspect: '' }
const MOST_SHOTS = 20
const MOST_EDITS = 8

export function isDrawn({ kind }: Plan): boolean {
  return kind === 'film' || kind === 'image' || kind === 'slideshow'
}

export function isOfFile({ kind }: Plan): boolean {
  return kind === 'clip_edit' || kind === 'photo_edit'
}

export function hasMusic({ kind, sound }: Plan): boolean {
  return kind === 'song' || (sound.music ?? kind === 'film')
}

export function speaks({ kind, sound }: Plan): boolean {
  return kind === 'audio' || sound.speech === true
}

export function isShot({ type }: Shot): boolean {
  return type === 'shot'
}

/** Return true if a row has neither words nor a file. */
export function isUnwritten({ text, uses }: Shot): boolean {
  return text.trim() === '' && uses === ''
}

/** Return a field's value. field: such as "sound.music", or "ask" for what people are asked. */
export function valueAt(plan: Plan, field: string): Json | undefined {
  if (field === 'ask') return plan.choice ? 'choose' : plan.approves_images ? 'film' : 'never'
  if (field === 'kind') return isOfFile(plan) ? 'photo_edit' : plan.kind
  return field === 'sound.music' ? hasMusic(plan) : fieldOf(plan, field.split('.'))
}

/** Write a field, and what follows from it. */
export function planWith(plan: Plan, field: string, value: Json): Plan {
  const choice = { candidates: 3, pick: 1 }
  switch (field) {
    case 'kind':
      return withKind(plan, value as Plan['kind'])
    case 'shows':
      return withShows(plan, value as string)
    case 'media':
    case 'open_texts':
      return withInputs(plan, field, value as (FileInput & OpenText)[])
    case 'ask':
      return {
        ...plan,
        choice: value === 'choose' ? choice : null,
        approves_images: value === 'film',
      }
    case 'choice.candidates':
      return value === null ? plan : { ...plan, choice: { ...choice, candidates: value as number } }
    default:
      return withField(plan, field.split('.'), value) as Plan
  }
}

/** Make something else of the same words. What isn't drawn has no shots. */
function withKind(plan: Plan, kind: Plan['kind']): Plan {
  const sound = { ...plan.sound }
  const from = plan.kind === 'song' ? 'music_words' : plan.kind === 'audio' ? 'spoken' : null
  const shows = plan.shows || (from ? sound[from] : '')
  const text = shows.slice(0, LONGEST)
  // What was said or sung only for want of a picture isn't any more.
  if (from && sound[from] === text) sound[from] = ''
  // Music that no words ask for is a preset of films.
  if (USUAL_MUSICS.some((usual) => usual === sound.music_words)) sound.music_words = ''
  if (kind === 'song') sound.music_words ||= text
  if (kind === 'audio') sound.spoken ||= text
  if (kind === 'film') sound.music ??= true
  else if (sound.music && sound.music_words === '') sound.music = null
  if (kind === 'film' && sound.music && !plan.media.some((file) => file.kind === 'audio'))
    sound.music_words ||= USUAL_MUSICS[plan.on_the_beat ? 1 : 0]
  sound.speech = kind === 'audio' || (from === 'spoken' ? sound.spoken !== '' : sound.speech)
  const next = { ...plan, kind, shows, sound }
  if (kind === 'song' || kind === 'audio') next.scenes = []
  // The rows of a file's plan aren't seen, so what they lack couldn't be written.
  if (isOfFile(next)) next.scenes = plan.scenes.filter((shot) => !isUnwritten(shot))
  if (isDrawn(next) && !next.scenes.some(isShot))
    next.scenes = [{ ...EMPTY, type: 'shot', text }, ...next.scenes]
  return withMedia(next, plan.media)
}

/** My file asks for one at least. What can be done with it depends on what the first one is. */
function withMedia(plan: Plan, rows: FileInput[]): Plan {
  if (!isOfFile(plan)) return { ...plan, media: rows }
  const media = rows.length > 0 ? rows : [PHOTO]
  const isClip = media.find(({ kind }) => kind !== 'audio')?.kind === 'video'
  return { ...plan, media, kind: isClip ? 'clip_edit' : 'photo_edit' }
}

/** Write what the whole shows, also into the shots that still had the former words. */
function withShows(plan: Plan, shows: string): Plan {
  const [former, text] = [plan.shows.slice(0, LONGEST), shows.slice(0, LONGEST)]
  const scenes = plan.scenes.map((shot) =>
    isShot(shot) && shot.text === former ? { ...shot, text } : shot,
  )
  return { ...plan, shows, scenes }
}

/** List what can be added to a list: the words for it, and the plan that has it. */
export function additionsTo(plan: Plan, field: string): [words: string, next: Plan][] {
  const { kind, scenes, edits } = plan
  if (field === 'edits' && edits.length < MOST_EDITS)
    return [['Add a step', { ...plan, edits: [...edits, EDIT] }]]
  if (field !== 'scenes' || scenes.length >= MOST_SHOTS) return []
  if (kind === 'image') return [['Add an image', withShot(plan)]]
  const card: Shot = { ...EMPTY, type: 'title' }
  return [
    ['Add a shot', withShot(plan)],
    ['Add a title card', { ...plan, scenes: [...scenes, card] }],
  ]
}

/** The new one has the words of the last one, and where that has a framing, another. */
function withShot(plan: Plan): Plan {
  const last = plan.scenes.findLast(isShot)
  const free = FRAMINGS.find((one) => plan.scenes.every(({ framing }) => framing !== one))
  const text = last?.text ?? plan.shows.slice(0, LONGEST)
  const framing = last?.framing ? (free ?? '') : ''
  return { ...plan, scenes: [...plan.scenes, { ...EMPTY, type: 'shot', text, framing }] }
}

/** An input that is taken away is in no shot and no text any more. */
function withInputs(plan: Plan, table: 'media' | 'open_texts', rows: (FileInput & OpenText)[]) {
  const next = table === 'media' ? withMedia(plan, rows) : { ...plan, open_texts: rows }
  const former = plan[table].find(({ name }) => rows.every((row) => row.name !== name))
  if (!former) return next
  const { name } = former
  if ('default' in former) return withWords(next, `{${name}}`, former.default || wordsOf(name))
  const scenes = plan.scenes.map((shot) => (shot.uses === name ? { ...shot, uses: '' } : shot))
  return { ...next, scenes }
}

/** The plan with other words in each of its texts. */
function withWords(plan: Plan, former: string, words: string): Plan {
  return JSON.parse(JSON.stringify(plan), (_, value: Json) =>
    typeof value === 'string' ? value.replaceAll(former, () => words) : value,
  )
}

/** Settings without a control: the field and its label. */
const EXTRAS = [
  ['repeat', 'Repeat for each'],
  ['camera', 'Camera'],
  ['transition', 'Transition'],
  ['on_the_beat', 'Cuts on the beat'],
  ['on_screen', 'On screen'],
  ['sound.effect_words', 'Effects'],
  ['sound.voice_words', 'Voice style'],
  ['sound.lyrics', 'Lyrics'],
  ['sound.keep_original', 'Original sound'],
] as const
export const EXTRA_FIELDS: readonly string[] = EXTRAS.map(([field]) => field)

/** List settings without a control, each with the plan once it is removed. */
export function extrasOf(plan: Plan): [words: string, without: Plan][] {
  const { open_texts, edits } = plan
  const extras = EXTRAS.flatMap(([field, name]): [string, Plan][] => {
    const value = valueAt(plan, field)
    const words = isObject(value) ? wordsOf(String(value.item_name)) : value
    const text = typeof words === 'string' ? `${name}: ${words}` : name
    return isSet(value) ? [[text, planWith(plan, field, null)]] : []
  })
  const choices = open_texts.flatMap((row, at): [string, Plan][] => {
    const text = `${row.title || row.name}: ${row.options.join(', ')}`
    const without = open_texts.with(at, { ...row, options: [] })
    return row.options.length > 0 ? [[text, { ...plan, open_texts: without }]] : []
  })
  const others = isOfFile(plan) ? [] : edits
  const steps = others.map((edit): [string, Plan] => {
    return [wordsOf(edit.type), { ...plan, edits: edits.filter((one) => one !== edit) }]
  })
  return [...extras, ...choices, ...steps]
}

/** The first answer to the words. planner: "rules", or the model's name. */
export interface Origin {
  readonly row: PlanRow
  readonly planner: string
}

/** Say where the values of fields come from, until someone changes them; "" for a preset. */
export function originWords(plan: Plan, { row, planner }: Origin, fields: readonly string[]) {
  const isMarked = fields.some((field) => row.fromWords.includes(field) && isKept(plan, row, field))
  if (!isMarked) return ''
  return planner === 'rules' ? 'from your words' : `by ${planner}`
}

/** Return the notes on unchanged fields. rows: the newest answer and the first one. */
export function notesOn(plan: Plan, rows: readonly PlanRow[], fields: readonly string[]): string {
  const notes = rows.flatMap((row) =>
    fields.filter((field) => isKept(plan, row, field)).map((field) => row.notes[field]),
  )
  return [...new Set(notes)].filter(Boolean).join(' ')
}

function isKept(plan: Plan, { settings }: PlanRow, field: string): boolean {
  return same(valueAt(plan, field), valueAt(settings, field))
}

function isSet(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value)
}
