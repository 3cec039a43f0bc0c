// @vitest-environment happy-dom
import { render, screen } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { Nearest } from './Nearest'
import { lateAnswer, later, serve } from './testing'

const MARSH = {
  id: 'wf_marsh',
  name: 'Marsh',
  href: '/t/wf_marsh',
  previewUrl: '/t/wf_marsh/poster.svg',
  units: 12,
  textInput: 'brief',
}
const PHOTO = { ...MARSH, id: 'wf_photo', name: 'Photo', href: '/t/wf_photo', textInput: null }
const near = (...templates: object[]) => Response.json({ templates })

let reply: (brief: unknown) => Response | Promise<Response>
const requests = serve(({ body }) => reply(body.brief))
beforeEach(() => {
  reply = () => near(MARSH)
})

test('asks once no one has typed for 400 ms, with the words in the body', async () => {
  const { rerender } = render(<Nearest brief="A mar" />)
  await later(399)
  rerender(<Nearest brief="A marsh " />)
  await later(399)
  expect(requests).toEqual([])
  expect(screen.queryByRole('region')).toBeNull()
  await later(1)
  expect(requests).toMatchObject([{ path: '/app/templates/nearest', body: { brief: 'A marsh' } }])
  expect(screen.getByRole('link', { name: 'Marsh' }).getAttribute('href')).toBe('/t/wf_marsh')
  expect(screen.getByText('12 credits')).toBeTruthy()
  rerender(<Nearest brief="A marsh" />)
  await later(1_000)
  expect(requests).toHaveLength(1)
})

test('is hidden where nothing is near, without words and without an answer', async () => {
  const { container, rerender } = render(<Nearest brief="" />)
  const isHidden: boolean[] = []
  const answers = [near(MARSH), near(MARSH), near(), new Response('{}', { status: 429 })]
  for (const [at, brief] of ['marsh', '  ', 'xyzzy', 'marsh'].entries()) {
    reply = () => answers[at] as Response
    rerender(<Nearest brief={brief} />)
    await later(400)
    isHidden.push(container.firstChild === null)
  }
  expect(isHidden).toEqual([false, true, true, true])
  expect(requests).toHaveLength(3)
})

test('a late answer to former words changes nothing', async () => {
  const late = lateAnswer()
  reply = (brief) => (brief === 'photo' ? late.promise : near(MARSH))
  const { rerender } = render(<Nearest brief="photo" />)
  await later(400)
  rerender(<Nearest brief="marsh" />)
  await later(400)
  expect(requests[0]?.signal.aborted).toBe(true)
  late.resolve(near(PHOTO))
  await later()
  expect(screen.queryByText('Photo')).toBeNull()
  expect(screen.getByText('Marsh')).toBeTruthy()
})

test('Use sends the words as they are now; a template without a text is only opened', async () => {
  reply = () => near(MARSH, { ...PHOTO, units: null })
  const { rerender } = render(<Nearest brief="A marsh" />)
  await later(400)
  rerender(<Nearest brief={'A marsh\nat dusk'} />)
  const { form } = screen.getByRole<HTMLButtonElement>('button', { name: 'Use “Marsh”' })
  expect([form?.getAttribute('action'), form?.method]).toEqual(['/t/wf_marsh/use', 'post'])
  expect(new FormData(form as HTMLFormElement).get('brief')).toBe('A marsh\nat dusk')
  const link = screen.getByRole('link', { name: 'Use “Photo”' })
  expect(link.getAttribute('href')).toBe('/t/wf_photo#run')
  expect(screen.getAllByText(/credit/)).toHaveLength(1)
})
