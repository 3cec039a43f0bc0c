/** A condition written as text, in words: `$inputs.ending == true` is "Add an ending is on". Pure. */

import type { Doc, Json } from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { inputOf, inputsByName } from './documentReaders'
import { clean } from './words'

interface Token {
  readonly type: 'operator' | 'literal' | 'reference'
  readonly text: string
}

/** The name that a reference leads to, and which of its values have words of their own. */
interface Named {
  readonly title: string
  readonly isSwitch: boolean
  readonly isResult: boolean
  readonly labelOf: (value: string) => string
}

const TOKEN =
  /\s*(==|!=|&&|\|\||!|\(|\)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s()=!&|<>+*/,;'"]+)/y
const REFERENCE = /^\$?(inputs|artifacts)\.([A-Za-z0-9_-]+)/
const JOINTS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '(': '(', ')': ')' }

/** Return an expression in words; what can't be read stays as it is written. */
export function expressionWords(
  doc: Doc,
  expression: string,
  titleOfResult: (name: string) => string,
): string {
  const tokens = tokensOf(expression)
  const words: string[] = []
  let at = 0
  while (at < tokens.length) {
    const joint = JOINTS[tokens[at]?.text ?? '']
    if (joint !== undefined) {
      words.push(joint)
      at += 1
      continue
    }
    const isNot = tokens[at]?.text === '!'
    if (isNot) at += 1
    const subject = tokens[at]
    const operator = tokens[at + 1]?.text ?? ''
    const isCompared = operator === '==' || operator === '!='
    const value = isCompared ? tokens[at + 2] : undefined
    const subjectWords = subject && namedOf(doc, subject, titleOfResult)
    if (!subjectWords || (isCompared && (isNot || value?.type !== 'literal'))) return expression
    words.push(
      `${subjectWords.title} ${stateWords(subjectWords, value?.text, isNot || operator === '!=')}`,
    )
    at += isCompared ? 3 : 1
  }
  return words.join(' ').replaceAll('( ', '(').replaceAll(' )', ')') || expression
}

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const text = TOKEN.exec(expression)?.[1]
    if (text === undefined) return []
    tokens.push({ text, type: typeOf(text) })
  }
  return tokens
}

function typeOf(text: string): Token['type'] {
  if (REFERENCE.test(text)) return 'reference'
  return text in JOINTS || ['!', '==', '!='].includes(text) ? 'operator' : 'literal'
}

function namedOf(doc: Doc, token: Token, titleOfResult: (name: string) => string): Named | null {
  const [, root, name = ''] = REFERENCE.exec(token.text) ?? []
  const plain = { isSwitch: false, isResult: true, labelOf: (value: string) => `“${value}”` }
  if (root === 'artifacts') return { ...plain, title: titleOfResult(name) }
  const key = root === 'inputs' ? inputsByName(doc).get(name) : undefined
  if (key === undefined) return null
  const { title, type } = inputOf(doc, key)
  const record = row(doc, 'inputs', key)
  const options = isObject(record) ? own(record, 'options') : undefined
  const labelOf = (value: string) => `“${optionLabel(options, value) ?? value}”`
  return { title, isSwitch: type === 'boolean', isResult: false, labelOf }
}

function optionLabel(options: Json | undefined, value: string): string | undefined {
  const option = (Array.isArray(options) ? options : []).find(
    (one) => isObject(one) && String(own(one, 'value')) === value,
  )
  const label = isObject(option) ? own(option, 'label') : undefined
  return typeof label === 'string' ? clean(label) : undefined
}

/** value: what it is compared with; undefined: that it is there. */
function stateWords(subject: Named, value: string | undefined, isNot: boolean): string {
  if (subject.isSwitch && (value === undefined || value === 'true' || value === 'false'))
    return isNot === (value === 'false') ? 'is on' : 'is off'
  const isThere = (value === undefined) !== isNot
  if (subject.isResult && (value === undefined || value === 'null'))
    return isThere ? 'has a result' : 'has no result'
  if (value === undefined || value === 'null') return isThere ? "isn't empty" : 'is empty'
  const isText = /^["']/.test(value)
  const words = isText ? subject.labelOf(value.slice(1, -1).replace(/\\(.)/g, '$1')) : value
  return `${isNot ? "isn't" : 'is'} ${words}`
}
