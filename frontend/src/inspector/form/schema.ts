/** The JSON Schema of a tool's parameter as a form reads it. Unknown shapes are JSON. */

import type { Json, JsonObject } from '../../api/schema'
import { isObject } from '../../document/ops'

export type FieldKind =
  | 'const'
  | 'choice'
  | 'loose'
  | 'text'
  | 'number'
  | 'boolean'
  | 'list'
  | 'object'
  | 'json'

const SEGMENT_OPTIONS = 4
const SEGMENT_LETTERS = 26
const SLIDER_SPAN = 512
const LONG_TEXT = 240

/** The schema without "or null": an empty field stands for that. */
export function unwrap(schema: JsonObject): JsonObject {
  for (const word of ['anyOf', 'oneOf']) {
    const parts = schema[word]
    if (!Array.isArray(parts)) continue
    const real = parts.filter((part) => isObject(part) && part.type !== 'null')
    const only = real[0]
    if (real.length === 1 && isObject(only)) {
      const { [word]: _, ...rest } = schema
      return unwrap({ ...rest, ...only })
    }
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null')
    if (types.length === 1) return { ...schema, type: types[0] as Json }
  }
  return schema
}

export function kindOf(given: JsonObject): FieldKind {
  const schema = unwrap(given)
  if ('const' in schema) return 'const'
  if (Array.isArray(schema.enum))
    return schema.enum.every((value) => typeof value !== 'object' || value === null)
      ? 'choice'
      : 'json'
  const { type } = schema
  if (type === 'string' || type === 'number' || type === 'integer')
    if (schema['x-loose'] === true) return 'loose'
  if (type === 'string') return 'text'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'boolean') return 'boolean'
  if (type === 'array') return isObject(schema.items) ? 'list' : 'json'
  if (type === 'object') return isObject(schema.properties) ? 'object' : 'json'
  return 'json'
}

/** Return true if a control of this kind can show the value; other values are shown as JSON. */
export function canShow(kind: FieldKind, value: Json | undefined): boolean {
  if (value === undefined || value === null) return true
  switch (kind) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'choice':
    case 'loose':
    case 'const':
      return typeof value !== 'object'
    case 'list':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return true
  }
}

/** The values of a list that are allowed, without null. */
export function optionsOf(schema: JsonObject): Json[] {
  return Array.isArray(schema.enum) ? schema.enum.filter((value) => value !== null) : []
}

/** Few and short enough to be side by side. */
export function isSegment(options: readonly string[]): boolean {
  const letters = options.reduce((sum, option) => sum + option.length, 0)
  return options.length <= SEGMENT_OPTIONS && letters <= SEGMENT_LETTERS
}

export function isLong(schema: JsonObject): boolean {
  return typeof schema.maxLength !== 'number' || schema.maxLength > LONG_TEXT
}

export interface Range {
  readonly min: number | undefined
  readonly max: number | undefined
  readonly step: number | 'any'
  readonly hasSlider: boolean
}

export function rangeOf(schema: JsonObject): Range {
  const min = typeof schema.minimum === 'number' ? schema.minimum : undefined
  const max = typeof schema.maximum === 'number' ? schema.maximum : undefined
  const every = schema.multipleOf
  const step =
    typeof every === 'number' && every > 0 ? every : schema.type === 'integer' ? 1 : 'any'
  const hasSlider = min !== undefined && max !== undefined && max - min <= SLIDER_SPAN
  return { min, max, step, hasSlider }
}

/** The step of a slider: fine enough to choose, coarse enough to hit. */
export function sliderStep({ min, max, step }: Range): number {
  if (step !== 'any') return step
  const span = (max ?? 1) - (min ?? 0)
  return span <= 2 ? 0.01 : span <= 20 ? 0.1 : 0.5
}

/** Return the reason that a number does not fit, or null. It is kept all the same. */
export function numberProblem(schema: JsonObject, value: number): string | null {
  const { min, max, step } = rangeOf(schema)
  if (min !== undefined && value < min) return `At least ${min}.`
  if (max !== undefined && value > max) return `At most ${max}.`
  if (schema.type === 'integer' && !Number.isInteger(value)) return 'Whole numbers only.'
  if (typeof step === 'number' && step !== 1) {
    const times = value / step
    if (Math.abs(times - Math.round(times)) > 1e-9) return `Multiples of ${step}.`
  }
  return null
}

/** Return the reason that a value does not fit its schema, as far as a form can say, or null. */
export function problemOf(given: JsonObject, value: Json | undefined): string | null {
  const schema = unwrap(given)
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && value.startsWith('$') && !value.startsWith('$$')) return null
  if (typeof value === 'number' && kindOf(schema) !== 'choice') return numberProblem(schema, value)
  if (typeof value === 'string') {
    const { minLength, maxLength } = schema
    if (typeof maxLength === 'number' && value.length > maxLength)
      return `Up to ${maxLength} characters.`
    if (typeof minLength === 'number' && value.length < minLength)
      return `At least ${minLength} ${minLength === 1 ? 'character' : 'characters'}.`
  }
  if (Array.isArray(value)) {
    const { minItems, maxItems } = schema
    if (typeof maxItems === 'number' && value.length > maxItems) return `At most ${maxItems}.`
    if (typeof minItems === 'number' && value.length < minItems) return `At least ${minItems}.`
  }
  if (kindOf(schema) === 'choice' && !optionsOf(schema).includes(value))
    return `Choose one of ${optionsOf(schema).slice(0, 6).map(String).join(', ')}.`
  return null
}

/** Return the initial value of a new row of a list. */
export function blank(given: JsonObject): Json {
  const schema = unwrap(given)
  if (schema.default !== undefined && schema.default !== null) return schema.default
  if ('const' in schema) return schema.const as Json
  if (Array.isArray(schema.enum) && schema.enum[0] !== undefined) return schema.enum[0]
  switch (schema.type) {
    case 'number':
    case 'integer':
      return typeof schema.minimum === 'number' ? schema.minimum : 0
    case 'boolean':
      return false
    case 'array': {
      const least = typeof schema.minItems === 'number' ? schema.minItems : 0
      const items = schema.items
      return isObject(items) ? Array.from({ length: least }, () => blank(items)) : []
    }
    case 'object':
      return {}
    default:
      return ''
  }
}

/** Letters for a choice: as `x-words` says, else `slow_zoom` is read as "slow zoom". */
export function optionWords(value: Json, schema: JsonObject = {}): string {
  const words = isObject(schema['x-words']) ? schema['x-words'][String(value)] : undefined
  return typeof words === 'string' ? words : String(value).replaceAll('_', ' ')
}

/** A value for a placeholder or a summary. */
export function showValue(value: Json | undefined): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Return true if a control is a group of several, named by its label's id. */
export function isGroupOf(given: JsonObject, isBound: boolean): boolean {
  if (isBound) return true
  const schema = unwrap(given)
  const kind = kindOf(schema)
  if (kind === 'choice')
    return isSegment(optionsOf(schema).map((option) => optionWords(option, schema)))
  return kind === 'list' || kind === 'object' || isObject(schema.const)
}
