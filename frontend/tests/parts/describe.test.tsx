// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { recentBriefs, remember, writtenBrief } from '../../src/describe/briefs'
import { Composer } from '../../src/describe/Composer'
import { useDescribe } from '../../src/describe/store'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  useDescribe.setState(useDescribe.getInitialState())
})
afterEach(cleanup)

const box = () => screen.getByRole<HTMLTextAreaElement>('textbox')
const press = (key: string) => fireEvent.keyDown(box(), { key })

test('arrow up walks through what was asked before, arrow down comes back', () => {
  remember('A harbour')
  remember('A lamp')
  remember('A harbour')
  expect(recentBriefs()).toEqual(['A harbour', 'A lamp'])
  render(<Composer verb="Describe it" />)
  press('ArrowUp')
  expect(box().value).toBe('A harbour')
  press('ArrowUp')
  expect(box().value).toBe('A lamp')
  press('ArrowUp')
  expect(box().value).toBe('A lamp')
  press('ArrowDown')
  press('ArrowDown')
  expect(box().value).toBe('')
})

test('an example fills the box, and what is written outlives a reload', () => {
  render(<Composer verb="Describe it" />)
  fireEvent.click(screen.getByRole('button', { name: 'Short story' }))
  expect(box().value).toContain('lighthouse')
  expect(writtenBrief()).toBe(box().value)
  cleanup()
  useDescribe.setState({ brief: '' })
  render(<Composer verb="Describe it" />)
  expect(box().value).toContain('lighthouse')
})

test('nothing is asked without words', () => {
  render(<Composer verb="Describe it" />)
  fireEvent.click(screen.getByRole('button', { name: /Describe it/ }))
  expect(screen.getByRole('alert').textContent).toBe('Write what you want first.')
})

test('words that were answered are selected when the box gets the keys, others are not', () => {
  useDescribe.setState({ brief: 'A harbour', answered: 'A harbour' })
  render(<Composer verb="Change it" />)
  const selected = () => [box().selectionStart, box().selectionEnd]
  fireEvent.mouseDown(box())
  expect(document.activeElement).toBe(box())
  expect(selected()).toEqual([0, 9])
  box().blur()
  fireEvent.input(box(), { target: { value: 'A harbour at dawn' } })
  box().setSelectionRange(3, 3)
  box().focus()
  expect(selected()).toEqual([3, 3])
})

test('a question is no error, and the caret is behind the words', () => {
  render(<Composer verb="Describe it" />)
  act(() =>
    useDescribe.setState({ brief: 'asdf', problem: 'What should it show?', isQuestion: true }),
  )
  expect(screen.getByRole('alert').textContent).toBe('What should it show?')
  expect(box().getAttribute('aria-invalid')).toBeNull()
  expect(document.activeElement).toBe(box())
  expect([box().selectionStart, box().selectionEnd]).toEqual([4, 4])
  act(() => useDescribe.setState({ problem: 'Nothing to change.', isQuestion: false }))
  expect([box().selectionStart, box().selectionEnd]).toEqual([0, 4])
})
