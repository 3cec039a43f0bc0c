/** The controls that change a template without words, as schemas. Pure. */

import type { Json, JsonObject } from '../api/schema'
import { isObject } from '../document/ops'
import { fieldOf } from '../graph/edit'
import { problemOf } from '../inspector/form/schema'
import { withField } from '../inspector/form/slot'
import { FORMATS, LANGUAGE, SECONDS, text } from './planForm'
import type { Controls } from './planTypes'

const LINE = text(200)
const SWITCH: JsonObject = { enum: [false, true], 'x-words': { false: 'Off', true: 'On' } }
/** field: such as "music.words". beside: the number of controls in its line. */
const ROWS: [label: string, field: string, schema: JsonObject, beside?: 2 | 3][] = [
  ['Format', 'format', { enum: FORMATS }, 2],
  ['Length', 'seconds', SECONDS, 2],
  ['Look', 'look', LINE],
  ['Music', 'music.on', SWITCH, 3],
  ['Voice', 'voice.on', SWITCH, 3],
  ['Subtitles', 'subtitles', SWITCH, 3],
  ['Music style', 'music.words', LINE],
  ['What it says', 'voice.text', text()],
  ['Language', 'voice.language', LANGUAGE],
  ['Replace words', 'replace.from', LINE, 2],
  ['With', 'replace.to', LINE, 2],
]
const ALL = ROWS.map(([label, field, schema, beside = 1]) => {
  return { label, field, schema: { ...schema, 'x-unset': 'As it is' }, beside }
})
export type ControlRow = (typeof ALL)[number]
/** Fields of a thing that count only while it is on. */
const OF_WHAT_IS_ON = ['voice.language', 'music.words', 'voice.text']

export function rowsOf(controls: Controls): ControlRow[] {
  return ALL.filter(({ field }) => {
    const [name = ''] = field.split('.')
    return !OF_WHAT_IS_ON.includes(field) || fieldOf(controls, [name, 'on']) === true
  })
}

export function controlAt(controls: Controls, field: string): Json | undefined {
  return fieldOf(controls, field.split('.'))
}

/** Set a control. value: undefined leaves the template as it is. */
export function withControl(controls: Controls, field: string, value?: Json): Controls {
  const [name = '', ...inner] = field.split('.')
  const isOff = inner[0] === 'on' && value === undefined
  const next = withField(controls, isOff ? [name] : [name, ...inner], value) as Controls
  const { [name]: part, ...others } = next
  return isObject(part) && Object.keys(part).length === 0 ? others : next
}

/** Return why the controls can't be sent, in a sentence, or null. */
export function problemOfControls(controls: Controls): string | null {
  for (const { label, field, schema } of rowsOf(controls)) {
    const problem = problemOf(schema, controlAt(controls, field))
    if (problem) return `${label}: ${problem}`
  }
  const { replace } = controls
  return isObject(replace) && !(replace.from && replace.to)
    ? 'Write which words to replace, and with what.'
    : null
}
