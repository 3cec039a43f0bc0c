import { describe, expect, it } from 'vitest'
import type { JsonObject, ModelPrice, Tool } from '../../api/schema'
import {
  canFilter,
  choiceNamed,
  choicesOf,
  type Filters,
  filterChoices,
  isTelling,
  leftOut,
  USUAL_FILTERS,
} from '../../chooser/choices'
import {
  callCost,
  costWords,
  creditWords,
  ignoredWords,
  lineOf,
  portNote,
} from '../../chooser/facts'
import { doerOf } from '../../chooser/providers'
import { stageOf } from '../../graph/documentReaders'
import { docOf, fixed, modelOf, resultOf, tool } from '../../graph/testing'
import { ToolTable } from '../../graph/tools'
import { readWiring } from '../../graph/wiring'
import { argumentsOf, needsOf } from './needs'

const KLING = modelOf('kling-3-pro', {
  also: ['kling3.0_pro'],
  title: 'Kling 3.0 Pro',
  by: 'Kling',
  price: { units: 22, per: 'second', atMost: false, varies: false },
  seconds: [3, 15],
  takes: { image: 1, end: 1, sound: 1 },
  ignores: ['seed', 'watermark'],
})
const PLAIN = modelOf('plain', {
  title: 'Plain',
  price: { units: 4, per: 'result', atMost: true, varies: false },
  seconds: [5, 5],
  takes: { image: 1, negative: 1 },
})
const TEXT = modelOf('text', { title: 'Text', takes: { seed: 1 } })
const MYSTERY = modelOf('mystery')
const MAKES = [KLING, PLAIN, TEXT, MYSTERY]
const FAL = {
  name: 'fal',
  title: 'fal',
  models: MAKES.flatMap(({ name, also }) => [name, ...also]),
  makes: MAKES,
  units: 6,
  isDraft: false,
}
const STUDIO = { name: 'studio', title: 'Studio', models: [], makes: [], units: 1, isDraft: true }
const ANIMATE: Tool = { ...tool('animate_photo'), providers: [STUDIO, FAL], units: 8 }
const TOOLS = new ToolTable([tool('generate_image'), ANIMATE])

/** A stage that animates, after one that draws. */
function stageWith(args: JsonObject) {
  const doc = docOf([fixed('look', 'generate_image'), fixed('move', 'animate_photo', { args })])
  const node = doc.stages.order[1] ?? ''
  const stage = stageOf(doc, node)
  const given = argumentsOf(ANIMATE, stage, TOOLS)
  const choices = choicesOf(ANIMATE, ['kling-3-pro', 'kling3.0_pro', 'ltx23'], given)
  const needs = needsOf(doc, TOOLS, readWiring(doc, TOOLS), node)
  const names = (filters: Partial<Filters> = {}) =>
    filterChoices(choices, { ...USUAL_FILTERS, ...filters }, ANIMATE, needs).map(({ name }) => name)
  const cost = (model: string) => {
    const doer = doerOf(ANIMATE, model)
    return doer ? costWords(doer, callCost(doer, ANIMATE, given)) : ''
  }
  const lost = (model: string) => {
    const doer = doerOf(ANIMATE, model)
    return doer ? leftOut(doer, ANIMATE, given, needs) : []
  }
  return { lost, choices, names, cost }
}

const PHOTO = { reference_image_url: resultOf('look') }

describe('the models of a stage', () => {
  it('are those that are made here, then those that are known by name, each once', () => {
    const { choices } = stageWith({})
    const names = choices.map(({ name }) => name)
    expect(names).toEqual(['kling-3-pro', 'plain', 'text', 'mystery', 'ltx23'])
    expect(isTelling(choices)).toBe(true)
    expect(choices[0]?.title).toBe('Kling 3.0 Pro')
  })

  it('are each one choice, by any of their names', () => {
    const { choices, cost } = stageWith({})
    expect(choices.some(({ name }) => name === 'kling3.0_pro')).toBe(false)
    expect(choiceNamed(choices, 'kling3.0_pro')?.title).toBe('Kling 3.0 Pro')
    expect(cost('kling3.0_pro')).toBe(cost('kling-3-pro'))
    expect(choiceNamed(choices, 'kling')).toBeUndefined()
  })

  it('fit when they take all that is connected; what no one knows fits', () => {
    expect(stageWith(PHOTO).names()).toEqual(['kling-3-pro', 'plain', 'mystery', 'ltx23'])
    const both = { ...PHOTO, reference_image_end_url: resultOf('look') }
    expect(stageWith(both).names()).toEqual(['kling-3-pro', 'mystery', 'ltx23'])
    expect(stageWith(both).names({ fits: false })).toHaveLength(5)
  })

  it('fit when they do what is asked of them', () => {
    const asked = (args: JsonObject) => stageWith({ ...PHOTO, ...args }).names()
    expect(asked({ negativePrompt: 'text' })).not.toContain('kling-3-pro')
    expect(asked({ negative_prompt: 'text' })).toContain('plain')
    expect(asked({ duration: 10 })).not.toContain('plain')
    expect(asked({ duration: '$inputs.length' })).toContain('plain')
    expect(asked({ generateAudio: true })).not.toContain('plain')
  })

  it('are filtered by what they take and sorted by what they cost', () => {
    const { choices, names } = stageWith({ duration: 5 })
    expect(canFilter(choices, 'sound', ANIMATE)).toBe(true)
    expect(canFilter(choices.slice(1), 'sound', ANIMATE)).toBe(false)
    expect(names({ fits: false, image: true })).toEqual(['kling-3-pro', 'plain'])
    expect(names({ fits: false, sound: true })).toEqual(['kling-3-pro'])
    expect(names({ fits: false, cheapest: true })).toEqual([
      'ltx23',
      'plain',
      'text',
      'mystery',
      'kling-3-pro',
    ])
  })
})

describe('what is said of a model', () => {
  const line = (name: string) => {
    const doer = doerOf(ANIMATE, name)
    return doer && lineOf(ANIMATE, doer, name)
  }

  it('names who built it, who makes it, what it costs and takes', () => {
    expect(line('kling-3-pro')).toBe(
      'Kling · fal · 22 credits/s · 3–15 s · photo + last frame · sound',
    )
    expect(line('plain')).toBe('fal · up to 4 credits each · 5 s · photo')
    expect(line('ltx23')).toBe('built-in studio · 1 credit each')
    const alone = doerOf({ ...ANIMATE, providers: [FAL] }, 'ltx23')
    expect(alone && lineOf(ANIMATE, alone, 'ltx23')).toBe('fal · uses Kling 3.0 Pro · 22 credits/s')
  })

  it('prices the arguments: by second, by result, at most', () => {
    const { cost } = stageWith({ duration: 5, numberOfVariations: 2 })
    expect(cost('kling-3-pro')).toBe('220 credits with these settings')
    expect(cost('plain')).toBe('up to 8 credits with these settings')
    // Its provider has one price for all of them: that of its usual model.
    expect(cost('mystery')).toBe('about 12 credits with these settings')
    expect(stageWith({ duration: '$inputs.length' }).cost('kling-3-pro')).toBe('22 credits/s')
    expect(stageWith({ duration: 4.5 }).cost('kling-3-pro')).toBe('110 credits with these settings')
    expect(stageWith({ duration: 60 }).cost('kling-3-pro')).toBe('330 credits with these settings')
  })

  it('says "about" of an estimate, and of nothing else', () => {
    const words = (model: string, price: Partial<ModelPrice>) => {
      const doer = doerOf(ANIMATE, model)
      if (!doer?.facts?.price) return ''
      const facts = { ...doer.facts, price: { ...doer.facts.price, ...price } }
      return [creditWords({ ...doer, facts }, 9), costWords({ ...doer, facts }, 9, 10)]
    }
    const quoted = '10 credits with these settings'
    expect(words('kling-3-pro', {})).toEqual(['9 credits', quoted])
    expect(words('kling-3-pro', { varies: true })).toEqual(['about 9 credits', quoted])
    expect(words('plain', {})).toEqual(['up to 9 credits', `up to ${quoted}`])
  })

  it('names each argument and input that it ignores', () => {
    const doer = doerOf(ANIMATE, 'kling-3-pro')
    expect(ignoredWords(doer, 'seed')).toBe('Kling 3.0 Pro ignores this.')
    expect(ignoredWords(doer, 'prompt')).toBeUndefined()
    const notes = ANIMATE.ports.map((port) => portNote(doer, port))
    expect(notes).toEqual([undefined, undefined, 'Kling 3.0 Pro ignores this.'])
    expect(ignoredWords(doerOf(ANIMATE, undefined), 'seed')).toBeUndefined()
  })

  it('names what the stage has and it leaves out', () => {
    const { lost } = stageWith({ seed: 7, negativePrompt: 'blur', duration: 5 })
    expect(lost('kling-3-pro')).toEqual(['Seed'])
    expect(stageWith({ duration: 5 }).lost('kling-3-pro')).toEqual([])
  })
})
