// @vitest-environment happy-dom

import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { EditorBoundary } from '../../src/app/EditorBoundary'
import { useEditor } from '../../src/editor/store'
import { fetchWhenIdle } from '../../src/parts/fetching'
import { later } from '../../src/parts/later'

afterEach(cleanup)

const gone = () => Promise.reject(new TypeError('Failed to fetch'))
const Panel = ({ name }: { name: string }) => <p>The panel of {name}</p>

function part(load: () => Promise<typeof Panel>) {
  return later(load, (found) => found)
}

it('is there at once when it was fetched before it is shown', async () => {
  const Part = part(async () => Panel)
  fetchWhenIdle()
  const first = render(<Part name="sky" />)
  await screen.findByText('The panel of sky')
  first.unmount()
  render(<Part name="sea" />)
  expect(screen.getByText('The panel of sea')).toBeDefined()
})

it('says that it could not come, leaves what is typed beside it, and comes when asked again', async () => {
  const load = vi.fn(gone as () => Promise<typeof Panel>)
  const Part = part(load)
  render(
    <>
      <textarea aria-label="Prompt" />
      <Part name="sky" />
    </>,
  )
  const prompt = screen.getByLabelText('Prompt') as HTMLTextAreaElement
  fireEvent.input(prompt, { target: { value: 'A sky' } })
  expect((await screen.findByRole('status')).textContent).toContain("Couldn't load this panel")
  load.mockResolvedValueOnce(Panel)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByText('The panel of sky')
  expect(screen.queryByRole('status')).toBeNull()
  expect(prompt.value).toBe('A sky')
})

it('comes by itself when the browser is online again', async () => {
  const load = vi.fn(gone as () => Promise<typeof Panel>)
  const Part = part(load)
  fetchWhenIdle()
  render(<Part name="sky" />)
  await screen.findByRole('status')
  load.mockResolvedValue(Panel)
  dispatchEvent(new Event('online'))
  await screen.findByText('The panel of sky')
})

it('keeps what breaks inside a part from the rest', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  let isBroken = true
  const Breaking = () => {
    if (isBroken) throw new Error('It broke.')
    return <p>Fixed</p>
  }
  const Part = later(
    async () => Breaking,
    (found) => found,
  )
  render(
    <>
      <p>The rest</p>
      <Part />
    </>,
  )
  expect((await screen.findByRole('status')).textContent).toContain('Your changes are kept')
  expect(screen.getByText('The rest')).toBeDefined()
  isBroken = false
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(screen.getByText('Fixed')).toBeDefined()
})

it('says at last what happened and where what was typed is', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  useEditor.setState({ sync: { state: 'offline', pending: 2, isKept: true, reason: 'network' } })
  const Breaking = () => {
    throw new Error('It broke.')
  }
  render(
    <EditorBoundary>
      <Breaking />
    </EditorBoundary>,
  )
  expect(screen.getByRole('alert').textContent).toContain('saved on this device')
  expect(screen.getByRole('button', { name: 'Reload' })).toBeDefined()
})
