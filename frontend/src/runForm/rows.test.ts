// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { Rows } from './rows'

const changed = vi.fn()

function row(place: number): string {
  return `<div data-row><textarea id="input.view-${place}" aria-label="View, ${place}"
    aria-invalid="true">Hill ${place}</textarea>
    <button data-remove value="view:${place - 1}" aria-label="Remove View ${place}">x</button></div>`
}

function show(count: number, low: number, high: number): void {
  const rows = Array.from({ length: count }, (_, place) => row(place + 1)).join('')
  document.body.innerHTML = `<div data-rows data-low="${low}" data-high="${high}">${rows}
    <button data-add>Add</button></div>`
  const box = document.querySelector<HTMLElement>('[data-rows]')
  if (box) Rows.prepare(box, changed)
}

const fields = () => [...document.querySelectorAll('textarea')]
const removers = () => [...document.querySelectorAll<HTMLButtonElement>('[data-remove]')]
const add = () => document.querySelector<HTMLButtonElement>('[data-add]')

beforeEach(() => {
  changed.mockClear()
})

test('a row that is added is empty, numbered and has the focus', () => {
  show(1, 1, 2)
  add()?.click()
  expect(fields().map(({ id }) => id)).toEqual(['input.view-1', 'input.view-2'])
  expect(fields().map(({ value }) => value)).toEqual(['Hill 1', ''])
  expect(fields()[1]?.getAttribute('aria-label')).toBe('View, 2')
  expect(fields()[1]?.hasAttribute('aria-invalid')).toBe(false)
  expect(document.activeElement).toBe(fields()[1])
  expect(changed).toHaveBeenCalledOnce()
})

test('there are never more rows than may be, nor fewer', () => {
  show(2, 1, 2)
  add()?.click()
  expect(fields()).toHaveLength(2)
  removers()[0]?.click()
  expect(add()?.hidden).toBe(false)
  expect(removers().map(({ hidden }) => hidden)).toEqual([true])
  removers()[0]?.click()
  expect(fields()).toHaveLength(1)
})

test('those after a row that is removed move up, and the next one has the focus', () => {
  show(3, 1, 3)
  removers()[1]?.click()
  expect(fields().map(({ id, value }) => `${id} ${value}`)).toEqual([
    'input.view-1 Hill 1',
    'input.view-2 Hill 3',
  ])
  expect(removers().map(({ value }) => value)).toEqual(['view:0', 'view:1'])
  expect(removers()[1]?.getAttribute('aria-label')).toBe('Remove View 2')
  expect(document.activeElement).toBe(fields()[1])
})
