// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import type { Uploaded } from '../api/schema'
import { sendFilesBy } from './drop'
import { prepareForm } from './form'

const ZONE = `<div data-drop="image" data-limit-mb="50"><span data-look></span>
  <span data-words>No image</span><small data-hint></small><progress hidden></progress>
  <input type="file" data-file><button type="button" data-choose>Choose</button>
  <button type="button" data-clear hidden></button>
  <details><summary>Use a URL</summary><input type="url" data-url data-default=""></details>
  <p data-problem hidden></p></div>`
const PICTURE = new File(['cells'], 'image.png', { type: 'image/png' })
const started = vi.fn()

/** Show a form with a text and so many image fields. */
function show(count: number): HTMLFormElement {
  document.body.innerHTML = `<input type="search" id="search">
    <form><textarea></textarea>${ZONE.repeat(count)}</form>`
  const form = document.querySelector('form') as HTMLFormElement
  prepareForm(form)
  return form
}

function paste(into: Element | null, text: string, file: File | null): Event {
  if (into instanceof HTMLElement) into.focus()
  const event = new Event('paste', { bubbles: true, cancelable: true })
  const clipboardData = { getData: () => text, files: file ? [file] : [] }
  Object.defineProperty(event, 'clipboardData', { value: clipboardData })
  ;(into ?? document.body).dispatchEvent(event)
  return event
}

function words(form: HTMLFormElement): (string | null)[] {
  return [...form.querySelectorAll('[data-words]')].map((one) => one.textContent)
}

beforeEach(() => {
  started.mockClear()
  sendFilesBy({
    start: (file) => {
      started(file.name)
      return { done: new Promise<Uploaded>(() => {}), stop: () => {} }
    },
    forget: () => {},
  })
})

test.each(['textarea', '#search', '[data-url]'])(
  'cells pasted into %s are text, though they carry a picture',
  (selector) => {
    show(1)
    const event = paste(document.querySelector(selector), 'a\tb', PICTURE)
    expect(event.defaultPrevented).toBe(false)
    expect(started).not.toHaveBeenCalled()
  },
)

test.each(['textarea', '[data-choose]', ''])(
  'a file alone, pasted at "%s", is taken',
  (selector) => {
    const form = show(1)
    const event = paste(selector ? document.querySelector(selector) : null, '', PICTURE)
    expect(event.defaultPrevented).toBe(true)
    expect(words(form)).toEqual(['image.png'])
  },
)

test('a chosen file is given up only where its field has the focus', () => {
  const form = show(2)
  const [first, second] = form.querySelectorAll<HTMLInputElement>('[data-url]')
  if (first) first.value = 'https://example.org/own.png'
  paste(null, '', PICTURE)
  expect(words(form)).toEqual(['No image', 'image.png'])
  if (second) second.value = 'https://example.org/other.png'
  started.mockClear()
  const event = paste(form.querySelector('textarea'), '', PICTURE)
  expect(event.defaultPrevented).toBe(false)
  expect(started).not.toHaveBeenCalled()
  paste(form.querySelector('[data-choose]'), '', PICTURE)
  expect(started).toHaveBeenCalled()
  expect(words(form)).toEqual(['image.png', 'image.png'])
})
