// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { dismissToast, toast } from '../editor/actions'
import { useEditor } from '../editor/store'
import { Toasts } from './Toasts'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

test('a page that the server has outlived offers to reload, also after another message', () => {
  const reload = vi.spyOn(location, 'reload').mockImplementation(() => undefined)
  useEditor.setState({
    sync: { state: 'offline', pending: 1, isKept: true, reason: 'outdated' },
  })
  toast('Copied.')
  render(<Toasts />)
  expect(screen.getByText('Copied.')).toBeTruthy()
  act(dismissToast)
  expect(screen.getByText('The server was updated, so this page must be reloaded.')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }))
  expect(reload).toHaveBeenCalledOnce()
  expect(screen.getByRole('button', { name: 'Reload' })).toBeTruthy()
})
