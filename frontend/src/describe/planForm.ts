/** The fields of a plan that have a control, in order, as schemas of the inspector's controls. */

import { EDIT_KINDS, type Json, type JsonObject } from '../api/schema'
import { isObject } from '../document/ops'
import { kindOf, problemOf } from '../inspector/form/schema'
import {
  FRAMINGS,
  hasMusic,
  isDrawn,
  isOfFile,
  isShot,
  isUnwritten,
  LONGEST,
  speaks,
  valueAt,
} from './plan'
import type { Plan } from './planTypes'

/** field: such as "sound.music"; see `valueAt`. */
export interface FormRow {
  readonly label: string
  readonly field: string
  readonly schema: JsonObject
  readonly isShown: (plan: Plan) => boolean
}

/** Words by value. A choice with a standard needs no entry of its own for it. */
function choice(words: Record<string, string>, standard?: string): JsonObject {
  return { enum: Object.keys(words), 'x-words': words, ...(standard && usually(standard)) }
}

function usually(standard: string) {
  return { default: standard, 'x-always': true }
}

export function text(maxLength = LONGEST): JsonObject {
  return { type: 'string', maxLength }
}

const YES = { type: 'boolean' }
const LIST = { type: 'array', items: { type: 'object', properties: {} } }
const CANDIDATES = { type: 'integer', minimum: 2, maximum: 12 }
export const SECONDS = { type: 'number', minimum: 0.1, maximum: 600, 'x-unit': 's' }
const MOMENT = { type: 'number', minimum: 0, 'x-unit': 's' }
const FRAMING = { type: 'string', maxLength: 200, 'x-loose': true, examples: FRAMINGS }
export const FORMATS = ['16:9', '9:16', '1:1', '4:3', '3:4', '21:9']
const FORMAT = { enum: FORMATS, ...usually('16:9') }
const FILE = choice({ image: 'Image', video: 'Video', audio: 'Audio' })
const MAKES = { film: 'Film', image: 'Image', song: 'Song', audio: 'Voice', photo_edit: 'My file' }
const MAKE = choice(MAKES, 'film')
// Only a model makes one.
const SLIDESHOW = choice({ ...MAKES, slideshow: 'Slideshow' }, 'film')
const CHOOSE = { never: 'Never', choose: 'Let people choose' }
const ASK = choice({ ...CHOOSE, film: 'Before the film is made' }, 'never')
// Those that voices here speak.
const LANGUAGES = 'zh en fr de it ja ko pt ru es'.split(' ')
const NAMES = new Intl.DisplayNames('en', { type: 'language' })
export const LANGUAGE = choice(
  Object.fromEntries(LANGUAGES.map((one) => [one, NAMES.of(one) ?? one])),
)
const EDIT = {
  enum: [...EDIT_KINDS],
  'x-words': { style: 'restyle', edit: 'edit or put on a background', model: '3D model' },
  ...usually('upscale'),
}
const WITH_PROMPT = ['style', 'edit', 'animate', 'overlay', 'replace_segment', 'analyze', 'join']
const WITH_TIMES = ['trim', 'replace_segment']

const hasShots = (plan: Plan) => isDrawn(plan) || isOfFile(plan)
const isImage = ({ kind }: Plan) => kind === 'image'
const hasSound = (plan: Plan) => !isImage(plan)
const isSong = ({ kind }: Plan) => kind === 'song'
const isChosen = (plan: Plan) => isDrawn(plan) && plan.choice !== null
// Those of a song are its lyrics.
const isSpoken = (plan: Plan) => speaks(plan) && !(isSong(plan) && plan.sound.lyrics)

/** Sound that nothing makes of a kind: it is shown where it is set, as unused. */
const UNMADE: Partial<Record<Plan['kind'], readonly [kind: string, ...fields: string[]]>> = {
  image: ['An image', 'sound.music', 'sound.speech', 'sound.subtitles'],
  song: ['A song', 'sound.speech', 'sound.subtitles'],
  audio: ['A voice', 'sound.subtitles'],
}
const isMade = ({ kind }: Plan, field: string) => !UNMADE[kind]?.includes(field)

/** Return a sentence about a field that is set and that nothing is made of; "" for none. */
export function unusedWords(plan: Plan, [field = '']: readonly string[]): string {
  if (isMade(plan, field) || !valueAt(plan, field)) return ''
  const sound = field === 'sound.speech' ? 'voice' : field.replace('sound.', '')
  return `${UNMADE[plan.kind]?.[0]} has no ${sound}, so this is unused.`
}

const ROWS: [string, string, JsonObject, FormRow['isShown']][] = [
  ['Make', 'kind', MAKE, ({ kind }) => kind !== 'slideshow'],
  ['Make', 'kind', SLIDESHOW, ({ kind }) => kind === 'slideshow'],
  ['What it shows', 'shows', text(20_000), hasShots],
  ['Shots', 'scenes', LIST, (plan) => isDrawn(plan) && !isImage(plan)],
  ['Images', 'scenes', LIST, isImage],
  ['What to do with it', 'edits', LIST, isOfFile],
  ['Length', 'seconds', SECONDS, hasSound],
  ['Format', 'aspect', FORMAT, isDrawn],
  // A file that no one gives another has its own.
  ['Format', 'aspect', { enum: FORMATS }, isOfFile],
  ['Look', 'style', text(), hasShots],
  ['Music', 'sound.music', YES, (plan) => !isSong(plan) && (hasSound(plan) || hasMusic(plan))],
  ['Music style', 'sound.music_words', text(), hasMusic],
  [
    'Voice',
    'sound.speech',
    YES,
    (plan) => plan.kind !== 'audio' && (isMade(plan, 'sound.speech') || isSpoken(plan)),
  ],
  ['What it says', 'sound.spoken', text(), isSpoken],
  ['Language', 'language', LANGUAGE, (plan) => isSpoken(plan) && isMade(plan, 'sound.speech')],
  [
    'Subtitles',
    'sound.subtitles',
    YES,
    (plan) => (isMade(plan, 'sound.subtitles') ? isSpoken(plan) : plan.sound.subtitles),
  ],
  ['Ask first', 'ask', ASK, (plan) => isDrawn(plan) && hasSound(plan)],
  ['Ask first', 'ask', choice(CHOOSE, 'never'), isImage],
  ['Number to choose from', 'choice.candidates', CANDIDATES, isChosen],
  ['Inputs', 'media', LIST, ({ media }) => media.length > 0],
  ['Text inputs', 'open_texts', LIST, (plan) => plan.open_texts.length > 0],
]
export const FORM: readonly FormRow[] = ROWS.map(([label, field, schema, isShown]) => {
  return { label, field, schema, isShown }
})

/** A field of a row of a list. */
export type Part = readonly [field: string, name: string, schema: JsonObject]

/** Return the fields of a shot, a step or an input. The first is called as the row itself. */
export function partsOf(row: JsonObject, { kind }: Plan): Part[] {
  const type = String(row.type)
  const some = (isThere: boolean, ...parts: Part[]) => (isThere ? parts : [])
  if ('framing' in row)
    return [
      ['text', type === 'title' ? 'Words on the title card' : 'What is seen', text()],
      ...some(type === 'shot', ['framing', 'Framing', FRAMING]),
      ...some(kind !== 'image', ['seconds', 'Seconds', SECONDS]),
    ]
  if ('words' in row)
    return [
      ['type', '', EDIT],
      ...some(WITH_PROMPT.includes(type), ['words', 'Prompt', text()]),
      ...some(type === 'crop', ['aspect', 'Format', FORMAT]),
      ...some(WITH_TIMES.includes(type), ['start', 'Start', MOMENT], ['end', 'End', MOMENT]),
    ]
  return [['title', String(row.name), text(200)], ...some('kind' in row, ['kind', 'Type', FILE])]
}

/** The value of a field that was emptied. */
export function nothing(schema: JsonObject) {
  const kind = kindOf(schema)
  return kind === 'list' ? [] : kind === 'number' ? null : (schema.default ?? '')
}

/** Return why a value doesn't fit, or null. A choice that isn't listed is the server's to judge. */
export function problemIn(schema: JsonObject, value: Json | undefined): string | null {
  return kindOf(schema) === 'choice' ? null : problemOf(schema, value)
}

/** Return what a plan lacks to be drafted, in a sentence, or null. */
export function lackOf(plan: Plan): string | null {
  for (const { label, field, schema, isShown } of FORM) {
    if (!isShown(plan)) continue
    const value = valueAt(plan, field)
    const problem = problemIn(schema, value) ?? problemInRows(plan, value)
    if (problem) return `${label}: ${problem}`
  }
  if (plan.kind === 'song' && !plan.sound.music_words.trim()) return 'Write what it sounds like.'
  if (!isDrawn(plan)) return null
  const empty = plan.scenes.find(isUnwritten)
  const one = isImage(plan) ? 'image' : 'shot'
  if (empty)
    return isShot(empty) ? `Write what each ${one} shows.` : 'Write the words on the title card.'
  return plan.scenes.some(isShot) ? null : `Add ${isImage(plan) ? 'an image' : 'a shot'}.`
}

function problemInRows(plan: Plan, rows: Json | undefined): string | null {
  for (const row of Array.isArray(rows) ? rows.filter(isObject) : [])
    for (const [field, , schema] of partsOf(row, plan)) {
      const problem = problemIn(schema, row[field])
      if (problem) return problem
    }
  return null
}
