import { expect, test } from 'vitest'
import { costWords, finalWords, makerWords } from './finalWords'

test('the footer says what is made, what is kept, and what it takes', () => {
  const quote = {
    final: 4,
    again: 2,
    kept: 7,
    capacityUnits: 214,
    atMost: true,
    seconds: 362,
    stages: [],
  }
  expect(finalWords(quote)).toBe(
    '4 stages final, 2 made again because their input changes, 7 kept · up to 214 credits · about 6 min',
  )
  const one = {
    final: 1,
    again: 1,
    kept: 0,
    capacityUnits: 1,
    atMost: false,
    seconds: null,
    stages: [],
  }
  expect(finalWords(one)).toBe('1 stage final, 1 made again because its input changes · 1 credit')
})

test('a stage says its model, who built it and who makes it', () => {
  const quote = {
    id: 'move',
    provider: 'router',
    providerTitle: 'Comfy Router',
    model: 'kling-3-pro',
    modelTitle: 'Kling 3.0 Pro',
    modelBy: 'Kling',
    capacityUnits: 110,
    atMost: true,
    draft: '' as const,
  }
  expect(makerWords(quote)).toBe('Kling 3.0 Pro by Kling · Comfy Router')
  expect(costWords(quote)).toBe('up to 110 credits')
  const runway = { ...quote, providerTitle: 'Runway', modelTitle: 'Gen-4.5', modelBy: 'Runway' }
  expect(makerWords(runway)).toBe('Gen-4.5 · Runway')
  expect(makerWords({ ...quote, modelTitle: '', modelBy: '' })).toBe('Comfy Router')
})
