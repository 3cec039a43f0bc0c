import { expect, test } from 'vitest'
import { finalWords } from './finalWords'

test('the footer says what is made, what is kept, and what it takes', () => {
  const quote = { final: 4, again: 2, kept: 7, capacityUnits: 214, atMost: true, seconds: 362 }
  expect(finalWords(quote)).toBe(
    '4 stages final, 2 made again because their input changes, 7 kept · up to 214 credits · about 6 min',
  )
  const one = { final: 1, again: 1, kept: 0, capacityUnits: 1, atMost: false, seconds: null }
  expect(finalWords(one)).toBe('1 stage final, 1 made again because its input changes · 1 credit')
})
