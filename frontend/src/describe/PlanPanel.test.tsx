// @vitest-environment happy-dom
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { openDocument } from '../../tests/opened'
import { undo } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import { fixed } from '../graph/testing'
import { ask, makeAgain, openPlan, resume } from './asking'
import { DescribePanel } from './DescribePanel'
import { ProposalView } from './ProposalView'
import { keptPlan } from './planRow'
import type { Plan } from './planTypes'
import { accept, refuse } from './proposal'
import { describing, useDescribe } from './store'
import {
  answerOf,
  choose,
  field,
  lateAnswer,
  later,
  planOf,
  press,
  serve,
  shotOf,
  type,
} from './testing'

const REFUSAL = { status: 'error', message: 'No.', error: { code: 'x', message: 'No.' } }

const PLAN = planOf({ aspect: '9:16', scenes: [shotOf('A lamp', 'wide shot')] })
const BLANK = { name: 'Film', inputs: [], stages: [] }

/** What the server answers next; without any, a film of an image for each shot. */
let answers: (() => Promise<Response> | Response)[] = []
const requests = serve(({ method }) => {
  const answer = answers.shift()
  if (answer) return answer()
  return method === 'POST'
    ? Response.json(proposalOf(lastPlan()))
    : new Response(null, { status: 204 })
})
const plansAsked = () => requests.flatMap(({ body }) => (body.settings as Plan | undefined) ?? [])
const lastPlan = () => (requests.at(-1)?.body.settings as Plan | undefined) ?? PLAN
const button = (name: string | RegExp) => screen.getByRole('button', { name })
const acceptState = () => button(/Accept/).getAttribute('aria-disabled')
const alert = () => screen.queryByRole('alert')?.textContent ?? null

beforeEach(() => {
  answers = []
  openDocument(BLANK)
  useEditor.setState({ face: 'outline', mode: 'edit' })
  useDescribe.setState({ ...useDescribe.getInitialState(), brief: 'A lamp, 9:16' })
})

function proposalOf(settings: Plan) {
  const stages = settings.scenes.map(({ text, framing }, at) =>
    fixed(`image_${at + 1}`, 'generate_image', { args: { prompt: `${text}, ${framing}` } }),
  )
  const plan = { settings, fromWords: ['aspect'], notes: {} }
  return answerOf({ ...BLANK, stages }, { unitsBefore: 0, plan })
}

async function propose(): Promise<void> {
  await ask()
  render(<ProposalView />)
  await later()
}

test('a change of a field makes the draft again once, and keeps focus and caret', async () => {
  await propose()
  const box = field('Look')
  box.focus()
  type('Look', 'ink')
  await later(200)
  type('Look', 'ink on paper')
  box.setSelectionRange(3, 3)
  await later(200)
  expect(plansAsked()).toEqual([])
  expect(acceptState()).toBe('true')
  await later(50)
  expect(plansAsked()).toEqual([{ ...PLAN, style: 'ink on paper' }])
  expect(field('Look')).toBe(box)
  expect(document.activeElement).toBe(box)
  expect([box.value, box.selectionStart]).toEqual(['ink on paper', 3])
  expect(acceptState()).toBe('false')
})

test('shots are added with the last one’s words, and reach the proposal', async () => {
  await propose()
  press('Add a shot')
  press('Add a title card')
  type('Shots 3', 'The end')
  await later(250)
  expect(plansAsked()).toHaveLength(1)
  expect(lastPlan().scenes.map(({ text, framing, type }) => [text, framing, type])).toEqual([
    ['A lamp', 'wide shot', 'shot'],
    ['A lamp', 'close-up', 'shot'],
    ['The end', '', 'title'],
  ])
  expect(describing().proposed?.ops.length).toBeGreaterThan(2)
  press('Remove Shots 1')
  expect(field('Shots 1').value).toBe('A lamp')
  expect(field('Framing, Shots 1').value).toBe('close-up')
})

test('a plan that lacks something is not sent, and says what is missing', async () => {
  await propose()
  type('Shots 1', '')
  await later(300)
  expect(plansAsked()).toEqual([])
  // There is time to write other words.
  expect(alert()).toBeNull()
  expect(acceptState()).toBe('true')
  fireEvent.blur(field('Shots 1'))
  expect(alert()).toBe('Write what each shot shows.')
  type('Shots 1', 'A tower')
  await later(300)
  expect(alert()).toBeNull()
  expect(plansAsked()).toHaveLength(1)
})

test('a new title card is not reproached before it could be written', async () => {
  await propose()
  press('Add a title card')
  fireEvent.blur(button('Add a title card'))
  await later(300)
  expect(alert()).toBeNull()
  press(/Accept/)
  expect(alert()).toBe('Write the words on the title card.')
  expect(describing().proposed).not.toBeNull()
})

test('the rows of images are called so', async () => {
  await propose()
  choose('Make', 'Image')
  expect(field('Images 1').value).toBe('A lamp')
  press('Add an image')
  await later(250)
  expect([lastPlan().kind, lastPlan().scenes.length]).toEqual(['image', 2])
  expect(screen.queryByRole('button', { name: /shot|title card/ })).toBeNull()
})

test('the voice of a film that becomes an image stays to be seen, as unused', async () => {
  await propose()
  fireEvent.click(field('Voice'))
  type('What it says', 'The boat leaves at dawn.')
  fireEvent.change(field('Make'), { target: { value: '1' } })
  expect(field('What it says').value).toBe('The boat leaves at dawn.')
  expect(screen.getByText('An image has no voice, so this is unused.')).toBeTruthy()
  fireEvent.click(field('Voice'))
  expect(screen.queryByLabelText('Voice')).toBeNull()
})

test('an answer to a former plan is not shown, and a full hand is waited for', async () => {
  await propose()
  const former = lateAnswer()
  answers = [() => former.promise]
  type('Look', 'ink')
  await later(250)
  answers = [() => new Response('{}', { status: 429, headers: { 'Retry-After': '2' } })]
  type('Look', 'chalk')
  await later(250)
  former.resolve(Response.json(proposalOf({ ...PLAN, scenes: [shotOf('Ink')] })))
  await later(1_900)
  expect(plansAsked().map(({ style }) => style)).toEqual(['ink', 'chalk'])
  expect(describing().isDrafting).toBe(true)
  await later(100)
  expect(plansAsked().map(({ style }) => style)).toEqual(['ink', 'chalk', 'chalk'])
  expect(describing().proposed?.answer.plan?.settings.style).toBe('chalk')
})

test('a field of the words is marked as such until it is changed', async () => {
  await propose()
  expect(screen.getByTitle('from your words')).toBeTruthy()
  choose('Format', '1:1')
  expect(describing().plan?.aspect).toBe('1:1')
  expect(screen.queryByTitle('from your words')).toBeNull()
})

test('Refuse forgets the proposal, also where the server is at another draft of it', async () => {
  await propose()
  const late = lateAnswer()
  answers = [() => late.promise]
  type('Look', 'ink')
  await later(250)
  refuse()
  await later()
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'DELETE'])
  late.resolve(Response.json(proposalOf(PLAN)))
  await later()
  expect([describing().proposed, describing().isDrafting]).toEqual([null, false])
})

test('the plan is kept beside what was accepted, and opens again while that is as it was', async () => {
  await propose()
  accept()
  await later()
  const kept = keptPlan(editor().doc)
  expect([kept?.settings, kept?.brief, kept?.by]).toEqual([PLAN, 'A lamp, 9:16', 'rules'])
  expect(requests.at(-1)?.method).toBe('DELETE')
  await openPlan()
  expect(lastPlan()).toEqual(PLAN)
  expect([describing().isShown, describing().isReplacing]).toEqual([true, false])
  refuse()
  undo()
  expect(keptPlan(editor().doc)).toBeNull()
})

test('what was left out or changed by hand is not replaced in silence', async () => {
  await propose()
  accept()
  await later()
  const doc = editor().doc
  const rows = { ...doc.stages.rows, image_1: { label: 'By hand' } }
  useEditor.setState({ doc: { ...doc, stages: { ...doc.stages, rows } } })
  await openPlan()
  await later()
  expect(screen.getByText(/changed by hand/)).toBeTruthy()
})

test.each([
  [false, 'A proposal is ready.'],
  [true, 'The template has changed since. Make it again.'],
])('a proposal from before a reload is offered, stale: %s', async (isStale, words) => {
  answers = [() => Response.json({ proposal: proposalOf(PLAN), brief: 'A lamp', isStale })]
  render(<DescribePanel />)
  await resume()
  await later()
  expect(screen.getByText(words)).toBeTruthy()
  if (isStale) await makeAgain()
  expect(plansAsked()).toEqual(isStale ? [PLAN] : [])
  expect([describing().plan, describing().proposed?.brief]).toEqual([PLAN, 'A lamp'])
})

test('My file is worked on in steps, and its inputs are seen', async () => {
  await propose()
  choose('Make', 'My file')
  expect(field('Inputs 1').value).toBe('Photo')
  expect(screen.queryByRole('button', { name: 'Add to Inputs' })).toBeNull()
  expect([field('Length').value, field('Format').value]).toEqual(['15', '1'])
  press('Add a step')
  choose('What to do with it 1', 'restyle')
  type('Prompt, What to do with it 1', 'woodcut')
  await later(250)
  expect(lastPlan().kind).toBe('photo_edit')
  expect(lastPlan().edits.map(({ type, words }) => [type, words])).toEqual([['style', 'woodcut']])
  press('Video')
  await later(250)
  expect(lastPlan().kind).toBe('clip_edit')
  expect(screen.getByLabelText<HTMLSelectElement>('Make').selectedOptions[0]?.text).toBe('My file')
})

test('a server that can’t be reached is asked again, one that refuses says why', async () => {
  await propose()
  answers = [() => Promise.reject(new TypeError('Failed to fetch'))]
  type('Look', 'ink')
  await later(250)
  expect(alert()).toBe("Can't reach the server.")
  await later(2_000)
  expect(alert()).toBeNull()
  expect(plansAsked()).toHaveLength(2)
  answers = [() => Response.json(REFUSAL, { status: 422 })]
  type('Look', 'chalk')
  await later(250)
  expect(alert()).toBe('No.')
  expect(acceptState()).toBe('true')
  accept()
  expect(describing().proposed).not.toBeNull()
})

test('Escape in a field leads back to the proposal and refuses nothing', async () => {
  await propose()
  field('Look').focus()
  fireEvent.keyDown(field('Look'), { key: 'Escape' })
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Proposal')
  expect(describing().proposed).not.toBeNull()
})
