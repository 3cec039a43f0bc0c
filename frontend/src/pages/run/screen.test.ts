import { expect, test } from 'vitest'
import type { Medium, PageView } from '../../api/schema'
import type { StepState } from '../../run/shared/stepState'
import type { OnScreen, PageRun } from './pageRun'
import { filesOf, nextOnScreen } from './screen'

function file(id: string, kind: Medium['kind'] = 'image'): Medium {
  const size = { width: null, height: null, duration: null }
  return { id, kind, url: `/${id}`, posterUrl: null, filename: id, ...size }
}

function step(key: string, artifacts: Medium[], more: Partial<StepState> = {}): StepState {
  return {
    key,
    title: key,
    tool: 'note',
    status: 'completed',
    progress: 1,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: null,
    artifacts,
    ...more,
  }
}

function run(steps: StepState[], more: Partial<PageRun['run']> = {}, page: object = {}): PageRun {
  const order = steps.filter((one) => !one.parent).map((one) => one.key)
  const featured = { artifact: null, question: '', stage: '' }
  const view = { order, film: null, featured, ...page } as unknown as PageView
  const head = { status: 'running', order, items: {}, ...more, page: view }
  return {
    run: head as unknown as PageRun['run'],
    steps: Object.fromEntries(steps.map((one) => [one.key, one])),
  }
}

const NOTHING: OnScreen = { id: null, isChosen: false }

/** The same answer, of which the log says more by now. */
function goesOn(before: PageRun, steps: StepState[]): PageRun {
  return { run: before.run, steps: Object.fromEntries(steps.map((one) => [one.key, one])) }
}

test('what is newest comes to the screen', () => {
  const before = run([step('one', [file('a')]), step('two', [])])
  const now = goesOn(before, [step('one', [file('a')]), step('two', [file('b')])])
  const screen = { id: 'a', isChosen: false }
  expect(nextOnScreen({ ...before, read: before, screen }, now)).toEqual({ ...screen, id: 'b' })
})

test('what a person chose stays', () => {
  const before = run([step('one', [file('a')]), step('two', [])])
  const now = goesOn(before, [step('one', [file('a')]), step('two', [file('b')])])
  const screen = { id: 'a', isChosen: true }
  expect(nextOnScreen({ ...before, read: before, screen }, now)).toBe(screen)
})

test('what can only be heard does not hide what can be seen', () => {
  const before = run([step('one', [file('a')]), step('two', [])])
  const now = goesOn(before, [step('one', [file('a')]), step('two', [file('b', 'audio')])])
  const screen = { id: 'a', isChosen: false }
  expect(nextOnScreen({ ...before, read: before, screen }, now)).toBe(screen)
  expect(nextOnScreen({ ...before, read: before, screen: NOTHING }, now).id).toBe('b')
})

test('a question takes the screen, and gives it back', () => {
  const before = run([step('one', [file('a')])])
  const featured = { artifact: null, question: 'Which season?', stage: 'Ask' }
  const asks = run([step('one', [file('a')])], { status: 'waiting_for_user' }, { featured })
  const screen = { id: 'a', isChosen: true }
  const asked = nextOnScreen({ ...before, read: before, screen }, asks)
  expect(asked).toEqual(NOTHING)
  const after = run(
    [step('one', [file('a')])],
    {},
    { featured: { artifact: 'a', question: '', stage: '' } },
  )
  expect(nextOnScreen({ ...asks, read: asks, screen: asked }, after).id).toBe('a')
})

test('a run that is over shows what it was for, once', () => {
  const before = run([step('one', [file('a'), file('b')])])
  const over = run([step('one', [file('a'), file('b')])], { status: 'completed' }, { film: 'a' })
  const shown = nextOnScreen({ ...before, read: before, screen: { id: 'b', isChosen: true } }, over)
  expect(shown).toEqual({ id: 'a', isChosen: false })
  const chosen = { id: 'b', isChosen: true }
  const again = run([step('one', [file('a'), file('b')])], { status: 'completed' }, { film: 'a' })
  expect(nextOnScreen({ ...over, read: over, screen: chosen }, again)).toBe(chosen)
})

test("a batch's files are those of its items, in their order", () => {
  const counts = { total: 2, done: 2, failed: 0, running: 0, left: 0 }
  const batch = step('cards', [file('b'), file('a')], { counts })
  const items = [
    step('cards_0', [file('a')], { parent: 'cards' }),
    step('cards_1', [file('b')], { parent: 'cards' }),
  ]
  const now = run([batch, ...items], { items: { cards: ['cards_0', 'cards_1'] } })
  expect(filesOf(now).map(({ id }) => id)).toEqual(['a', 'b'])
})
