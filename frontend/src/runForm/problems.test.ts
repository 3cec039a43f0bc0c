// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { markProblems, markRefused, unmark } from './problems'

function show(fields: string): HTMLFormElement {
  document.body.innerHTML = `<form novalidate>${fields}</form>
    <template id="field-problem"><p class="help help-bad"><span></span></p></template>`
  return document.querySelector('form') as HTMLFormElement
}

const TITLE = `<div data-field="title" data-missing="Write a title.">
  <input id="title" type="text" aria-describedby="input.title-help"><p id="input.title-help"></p></div>`
const COLOR = `<div data-field="color" data-missing="Choose a color.">
  <input id="none" type="radio" name="color" value=""><input type="radio" name="color" value="red"></div>`

test('an empty field that is needed is marked in its own words', () => {
  const form = show(TITLE)
  const goals = markProblems(form)
  const title = document.getElementById('title')
  expect(goals).toEqual([title])
  expect(title?.getAttribute('aria-invalid')).toBe('true')
  const note = document.getElementById(title?.getAttribute('aria-describedby') ?? '')
  expect(note?.textContent).toBe('Write a title.')
})

test('spaces are no words, and no preference is no choice', () => {
  const form = show(TITLE + COLOR)
  const [title, none] = form.querySelectorAll('input')
  if (title) title.value = '  '
  if (none) none.checked = true
  expect(markProblems(form)).toEqual([title, none])
  // Of a group of radio buttons, its description says it.
  expect(none?.hasAttribute('aria-invalid')).toBe(false)
})

test('a field that is corrected has its own help again', () => {
  const form = show(TITLE)
  markProblems(form)
  unmark(form.querySelector('[data-field]'))
  const title = document.getElementById('title')
  expect(form.querySelector('.help-bad')).toBeNull()
  expect(title?.hasAttribute('aria-invalid')).toBe(false)
  expect(title?.getAttribute('aria-describedby')).toBe('input.title-help')
  if (title instanceof HTMLInputElement) title.value = 'Dusk'
  expect(markProblems(form)).toEqual([])
})

test('what the server refused is marked in its own words, and nothing else', () => {
  const form = show(TITLE + COLOR)
  const title = document.getElementById('title')
  expect(markRefused(form, new Map([['title', 'Too long.']]))).toEqual([title])
  expect(form.querySelectorAll('.help-bad')).toHaveLength(1)
  expect(form.querySelector('.help-bad')?.textContent).toBe('Too long.')
})
