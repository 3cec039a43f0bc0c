// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sayUndrawn } from './undrawn'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the words that are typed last are told below their field, until all is drawn', async () => {
  document.body.innerHTML = `<form><input name="input.brief" value="">
    <p id="input.brief-undrawn"><span>before</span></p></form>`
  const form = document.forms[0] as HTMLFormElement
  const field = form.querySelector('input') as HTMLInputElement
  const note = form.querySelector('p') as HTMLElement
  const asked: string[] = []
  sayUndrawn(form, async () => {
    asked.push(field.value)
    return { 'input.brief': field.value ? `Not drawn: ${field.value}.` : '' }
  })
  const type = (text: string) => {
    field.value = text
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  for (const text of ['t', 'tre', 'trebuchet']) type(text)
  await vi.runAllTimersAsync()
  expect(asked).toEqual(['trebuchet'])
  expect(note.innerHTML).toBe('<span dir="auto">Not drawn: trebuchet.</span>')
  type('')
  await vi.runAllTimersAsync()
  expect(note.childElementCount).toBe(0)
})
