import { expect, test } from 'vitest'
import { noticeWords } from './notice'

const UNDRAWN = "The draft studio can't draw: visor."

test('a draft of the built-in studio says so, and each warning once', () => {
  expect(noticeWords({ isDraft: true }, [UNDRAWN, UNDRAWN])).toBe(
    `Draft quality, made by the built-in studio. ${UNDRAWN}`,
  )
})

test("a model's draft names no one twice, and a final result says its warnings alone", () => {
  expect(noticeWords({ isDraft: true, madeBy: 'Kling by fal' }, [])).toBe('Draft quality.')
  expect(noticeWords({}, [UNDRAWN])).toBe(UNDRAWN)
  expect(noticeWords({}, [])).toBe('')
})
