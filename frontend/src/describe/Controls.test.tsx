// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { openDocument } from '../../tests/opened'
import { useEditor } from '../editor/store'
import { fixed } from '../graph/testing'
import { makeAgain, resume } from './asking'
import { problemOfControls, withControl } from './controlForm'
import { DescribePanel } from './DescribePanel'
import { accept, refuse } from './proposal'
import { describing, useDescribe } from './store'
import { answerOf, choose, field, later, press, serve, type } from './testing'

const SHOT = fixed('shot', 'generate_video', { label: 'Shot', args: { prompt: 'A red lamp' } })
const END = { ...SHOT, id: 'end', label: 'End' }
const FILM = { name: 'Film', inputs: [], stages: [SHOT, END] }
const CHANGED = { ...FILM, stages: [{ ...SHOT, label: 'Tall' }, END] }
const proposal = answerOf(CHANGED, { message: 'Shot: 9:16.', changes: ['Shot: 9:16.'] })
const KEPT = { brief: '', controls: { format: '9:16' }, selection: ['shot'], proposal }

const requests = serve(({ path, method }) => {
  if (method === 'DELETE') return new Response(null, { status: 204 })
  if (method === 'GET') return Response.json({ ...KEPT, isStale: true })
  return Response.json(path.endsWith('replacements') ? { count: 2 } : proposal)
})
const asked = () => requests.filter(({ method }) => method === 'POST').map(({ body }) => body)
const alert = () => screen.getByRole('alert').textContent

beforeEach(() => {
  sessionStorage.clear()
  openDocument(FILM)
  const { boot } = useEditor.getInitialState()
  useEditor.setState({ face: 'outline', mode: 'edit', boot })
  useDescribe.setState({ ...useDescribe.getInitialState(), isOpen: true })
})

const change = () => {
  press(/Change it/)
  return later()
}
const refuseAndOpen = () => {
  act(refuse)
  act(() => useDescribe.setState({ isOpen: true }))
}

test('without a model all that is set is proposed as one change', async () => {
  render(<DescribePanel />)
  expect(screen.queryByLabelText('What should change?')).toBeNull()
  expect(screen.getByText('Sentences need a language model.')).toBeTruthy()
  expect(screen.queryByText('1 credit')).toBeNull()
  expect(document.activeElement).toBe(field('Format'))
  choose('Format', '9:16')
  type('Length', '8')
  choose('Voice', 'Off')
  choose('Music', 'On')
  type('Music style', 'soft piano')
  await change()
  const music = { on: true, words: 'soft piano' }
  expect(asked()).toMatchObject([
    {
      controls: { format: '9:16', seconds: 8, voice: { on: false }, music },
      selection: [],
      template: { stages: FILM.stages },
    },
  ])
  expect(describing().isShown).toBe(true)
})

test('what was refused is still set, what was accepted is not', async () => {
  render(<DescribePanel />)
  choose('Format', '9:16')
  await change()
  refuseAndOpen()
  expect(describing().controls).toEqual({ format: '9:16' })
  await change()
  act(accept)
  expect(describing().controls).toEqual({})
  expect(useEditor.getState().undoLabel).toBe('Apply proposal')
})

test('only operators are led to the models', () => {
  render(<DescribePanel />)
  expect(screen.queryByRole('link')).toBeNull()
  act(() => useEditor.setState(({ boot }) => ({ boot: { ...boot, isOperator: true } })))
  const link = screen.getByRole('link', { name: 'Look for models on this machine' })
  expect(link.getAttribute('href')).toBe('/admin/providers#language-model')
})

test('the controls are of the selected stages until all are meant', async () => {
  useEditor.setState({ selection: new Set(['end']) })
  render(<DescribePanel />)
  type('Length of each', '4')
  await change()
  refuseAndOpen()
  press("Don't limit it to the selection")
  expect(field('Length').value).toBe('4')
  await change()
  expect(asked().map(({ selection }) => selection)).toEqual([['end'], []])
})

test('how often words would be replaced is said before they are', async () => {
  render(<DescribePanel />)
  type('Replace words', 'red')
  await later(400)
  expect(requests).toMatchObject([{ path: '/app/replacements', body: { from: 'red' } }])
  expect(asked()[0]?.selection).toEqual([])
  expect(screen.getByText('2 matches')).toBeTruthy()
  await change()
  expect(alert()).toBe('Write which words to replace, and with what.')
  type('With', 'blue')
  await change()
  expect(asked().at(-1)?.controls).toEqual({ replace: { from: 'red', to: 'blue' } })
})

test('with a model the controls are folded beside the box, and one of both is asked for', async () => {
  useEditor.setState(({ boot }) => ({ boot: { ...boot, hasLanguageModel: true } }))
  const isOpen = () => screen.getByText('Or set it').closest('details')?.open
  render(<DescribePanel />)
  expect(document.activeElement).toBe(field('What should change?'))
  expect(isOpen()).toBe(false)
  expect(screen.getByText('1 credit')).toBeTruthy()
  type('What should change?', 'Make it rain')
  choose('Format', '9:16')
  expect(screen.queryByText('1 credit')).toBeNull()
  await change()
  expect(alert()).toBe('Write it or set it, not both.')
  cleanup()
  render(<DescribePanel />)
  expect(isOpen()).toBe(true)
  choose('Format', 'As it is')
  await change()
  expect(asked()).toMatchObject([{ brief: 'Make it rain' }])
  expect(asked()[0]).not.toHaveProperty('controls')
})

test('what was set for a draft that has changed since is set again', async () => {
  useDescribe.setState({ isOpen: false })
  await resume()
  await makeAgain()
  expect(asked()).toMatchObject([{ controls: { format: '9:16' }, selection: ['shot'] }])
  expect(describing().proposed?.answer.message).toBe('Shot: 9:16.')
})

test('a switch that is as it is again takes along what was set of it', () => {
  const set = withControl(withControl({ look: 'ink' }, 'music.on', true), 'music.words', 'soft')
  expect(set).toEqual({ look: 'ink', music: { on: true, words: 'soft' } })
  expect(withControl(set, 'music.on')).toEqual({ look: 'ink' })
  expect(withControl({ replace: { from: 'red' } }, 'replace.from')).toEqual({})
  expect(problemOfControls({ seconds: 900 })).toBe('Length: At most 600.')
})
