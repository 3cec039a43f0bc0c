// @vitest-environment happy-dom
import { fireEvent } from '@testing-library/react'
import { expect, test } from 'vitest'
import { listenForKeys } from './keys'

test('a dialog keeps its keys while it is open, not after it closed with the focus in it', () => {
  document.body.innerHTML = '<input data-search><dialog><button>Close</button></dialog>'
  const [field, dialog, close] = ['input', 'dialog', 'button'].map((name) =>
    document.querySelector<HTMLElement>(name),
  )
  if (!field || !dialog || !close) throw new Error('the page is not whole')
  listenForKeys()
  dialog.setAttribute('open', '')
  fireEvent.keyDown(close, { key: '/' })
  expect(document.activeElement).not.toBe(field)
  // Browsers take the focus out of a closed dialog with the next frame.
  dialog.removeAttribute('open')
  fireEvent.keyDown(close, { key: '/' })
  expect(document.activeElement).toBe(field)
})
