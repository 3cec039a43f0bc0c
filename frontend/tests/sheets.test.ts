// The editor's style sheets come with the first load, and their order decides nothing: no two of
// them set the same property of the same class with the same weight.

import { readdirSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import {
  type Declaration,
  type Selector,
  type SelectorComponent,
  type StyleRule,
  transform,
} from 'lightningcss'
import { expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')
const LIST = readFileSync(resolve(SRC, 'styles.ts'), 'utf8')
const SHEETS = [...LIST.matchAll(/^import '(.+\.css)'$/gm)].map((found) =>
  resolve(SRC, `${found[1]}`),
)

interface Rule {
  sheet: string
  selector: Selector
  subject: string[]
  weight: string
  values: Map<string, string>
}

const innerOf = (part: SelectorComponent): Selector[] =>
  part.type === 'pseudo-class' && 'selectors' in part ? (part.selectors as Selector[]) : []

/** The classes of the element itself, without those of what it is in. */
function subjectOf(selector: Selector): string[] {
  const last = selector.findLastIndex((part) => part.type === 'combinator') + 1
  return selector.slice(last).flatMap((part) => {
    if (part.type === 'class') return [part.name]
    if (part.type === 'type') return [`<${part.name}>`]
    const isOne = part.type === 'pseudo-class' && (part.kind === 'is' || part.kind === 'where')
    return isOne ? innerOf(part).flatMap(subjectOf) : []
  })
}

const classesOf = (selector: Selector): string[] =>
  selector.flatMap((part) =>
    part.type === 'class' ? [part.name] : innerOf(part).flatMap(classesOf),
  )

/** Ids, classes and elements of a selector, as one number. */
function weightOf(selector: Selector): number {
  const weights = selector.map((part) => {
    if (part.type === 'pseudo-class' && part.kind === 'where') return 0
    if (innerOf(part).length > 0) return Math.max(...innerOf(part).map(weightOf))
    if (part.type === 'id') return 10_000
    if (part.type === 'type' || part.type === 'pseudo-element') return 1
    return part.type === 'combinator' || part.type === 'universal' ? 0 : 100
  })
  return weights.reduce((sum, weight) => sum + weight, 0)
}

function named({ property, value }: Declaration): [string, string] {
  if (property === 'unparsed') return [value.propertyId.property, JSON.stringify(value)]
  return [property === 'custom' ? value.name : property, JSON.stringify(value)]
}

function rulesOf(sheet: string): Rule[] {
  const rules: Rule[] = []
  const style = ({ value: { selectors, declarations } }: { value: StyleRule }) => {
    const values = new Map((declarations?.declarations ?? []).map(named))
    for (const selector of selectors) {
      const pseudo = selector.find((part) => part.type === 'pseudo-element')
      const weight = `${weightOf(selector)} ${JSON.stringify(pseudo)}`
      rules.push({ sheet, selector, subject: subjectOf(selector), weight, values })
    }
  }
  transform({ filename: sheet, code: readFileSync(sheet), visitor: { Rule: { style } } })
  return rules
}

// `.btn` and the like are anyone's, and so are states: what else a rule names says whose it is.
const PARTS = rulesOf(resolve(SRC, '../../static/css/parts.css'))
const SHARED = new Set(PARTS.flatMap(({ selector, subject }) => (selector[1] ? [] : subject)))
const isOwn = (name: string) => !SHARED.has(name) && !/^(is-|<)/.test(name)

/** Tell whether two rules may be about the same element. */
function canMeet(one: Rule, other: Rule): boolean {
  const common = one.subject.filter((name) => other.subject.includes(name))
  if (one.weight !== other.weight || common.length === 0) return false
  const ownersOf = ({ selector, subject }: Rule) =>
    classesOf(selector).filter(
      (name) => isOwn(name) && !(common.some(isOwn) && subject.includes(name)),
    )
  const [own, others] = [ownersOf(one), ownersOf(other)]
  return !own.length || !others.length || own.some((name) => others.includes(name))
}

const isPart = (name: string, whole: string) =>
  name.startsWith(`${whole}-`) && !/radius|flex-(direction|wrap)/.test(name)

/** Tell whether two rules say something else of one property, or of a part of it. */
function differ(one: Rule, other: Rule): boolean {
  return [...one.values].some(([name, value]) =>
    [...other.values].some(([like, said]) =>
      name === like ? value !== said : isPart(name, like) || isPart(like, name),
    ),
  )
}

it('has all sheets in the list, so that no part is drawn before its own is there', () => {
  const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  const importing = modules.filter(
    (file) =>
      /\.tsx?$/.test(file) && /\bimport\b.*\.css\b/.test(readFileSync(resolve(SRC, file), 'utf8')),
  )
  expect(importing).toEqual(['styles.ts'])
})

it('has no two sheets that disagree', () => {
  const rules = SHEETS.flatMap(rulesOf)
  const pairs = rules.flatMap((one, at) =>
    rules
      .slice(at + 1)
      .filter((other) => one.sheet !== other.sheet && canMeet(one, other) && differ(one, other))
      .map((other) =>
        [one, other].map((rule) => `${relative(SRC, rule.sheet)} ${classesOf(rule.selector)}`),
      ),
  )
  expect(pairs).toEqual([])
})
