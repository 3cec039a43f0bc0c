// @vitest-environment happy-dom
import { act, cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Crumb, Json, RunState, StepRecord } from '../api/schema'
import { lookOf } from '../canvas/nodeState'
import { emptyDoc } from '../document/ops'
import { useEditor } from '../editor/store'
import { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import { openNode } from '../run/elements'
import { fromState } from '../run/shared/reduce'
import { useRun } from '../run/store'
import { ItemChooser } from './ItemChooser'

// Code that opens a stage comes when it is first asked for.
configure({ asyncUtilTimeout: 20_000 })

const STARTED = '2026-11-30T10:00:00Z'
const none = { message: '', startedAt: null, finishedAt: null, attempts: [], error: null }
const step = (
  key: string,
  status: StepRecord['status'],
  more: Partial<StepRecord>,
): StepRecord => ({
  ...{ key, title: key, tool: 'note', status, progress: 0, seed: null, reusedFrom: null },
  ...{ ...none, parent: null, group: '', index: 0, kind: 'tool', label: '', artifacts: [] },
  ...more,
})
/** A run of a template for each of three subjects, the second of which failed. */
const item = (at: number, status: StepRecord['status']): StepRecord[] => [
  step(`cards_${at}`, status, { kind: 'group', tool: 'template', parent: 'cards', index: at }),
  step(`cards_${at}.still`, status, { parent: `cards_${at}`, title: 'Still' }),
]
const RUN: RunState = {
  ...{ id: 'r1', by: { id: 'u1', name: 'Alice', hue: 0 }, isMine: true, mayStop: true },
  ...{ status: 'partial_failure', createdAt: STARTED, finishedAt: STARTED, lastSeq: 9, units: 0 },
  ...{ documentRev: 1, waits: [] },
  steps: [
    step('cards', 'completed', { kind: 'expand', tool: 'group' }),
    ...item(0, 'completed'),
    ...item(1, 'failed'),
    ...item(2, 'completed'),
  ],
}

const documentOf = (stage: Record<string, Json>, key: string) => ({
  ...emptyDoc(),
  stages: { order: [key], rows: { [key]: stage } },
})
const CARDS = {
  ...{ id: 'cards', label: 'Cards', type: 'batch', overBinding: '$inputs.lines' },
  itemStage: { type: 'fixed', tool: 'template:wf_card@0.0.1', args: {} },
}
const pathOf = (key: string): Crumb[] => {
  const batch = { key: 'cards', title: 'Cards', isElement: false }
  const number = /^cards_(\d)/.exec(key)?.[1]
  if (number === undefined) return [batch]
  return [batch, { key: `cards_${number}`, title: `${Number(number) + 1}`, isElement: true }]
}
const asked: string[] = []

function show(state: RunState | null): void {
  if (state) useRun.setState(fromState(state))
  else useRun.setState({ run: null, steps: {} })
}

beforeEach(() => {
  asked.length = 0
  history.replaceState(null, '', '/t/film/edit')
  const use = { reference: 'template:wf_card@0.0.1', stages: 1 }
  const tool = { name: use.reference, title: 'Card', ports: [], parameters: [], output: 'image' }
  const uses = [{ ...use, tool, outputs: [], title: 'Card', version: '0.0.1', newer: '' }]
  const tools = new ToolTable([], uses as never)
  const doc = documentOf(CARDS, 'cards')
  const wiring = readWiring(doc, tools)
  useEditor.setState({ doc, tools, wiring, inside: null, mode: 'run', selection: new Set() })
  show(RUN)
  vi.stubGlobal('fetch', async (path: string) => {
    const query = new URL(path, location.href).searchParams
    const key = query.get('in') ?? ''
    asked.push(`${key} ${query.get('run') ?? ''}`.trim())
    const still = { id: 'still', label: 'Still', type: 'fixed', tool: 'note' }
    const state = documentOf(still, `${key}.still`)
    return Response.json({
      ...{
        path: pathOf(key),
        template: 'wf_card',
        mayOpen: true,
        state,
        media: {},
        sources: {},
        uses: [],
      },
    })
  })
})
afterEach(() => {
  cleanup()
  useEditor.setState({ inside: null })
  vi.unstubAllGlobals()
})

const chosen = () => screen.getAllByRole<HTMLInputElement>('radio').findIndex((one) => one.checked)
async function open(): Promise<void> {
  render(<ItemChooser />)
  act(() => openNode('cards'))
  await waitFor(() => expect(useEditor.getState().inside).not.toBeNull())
}

test('a repeated template opens with its first item, and each item with its states', async () => {
  await open()
  expect(screen.getByRole('group', { name: 'Item of Cards' })).toBeTruthy()
  expect(screen.getAllByRole('radio').map((one) => one.getAttribute('aria-label'))).toEqual([
    'Item 1: done',
    'Item 2: failed.',
    'Item 3: done',
  ])
  expect(chosen()).toBe(0)
  expect(lookOf('cards_0.still')).toBe('done')
  act(() => useEditor.setState({ selection: new Set(['cards_0.still']) }))
  fireEvent.click(screen.getByRole('radio', { name: 'Item 2: failed.' }))
  await waitFor(() => expect(location.search).toBe('?in=cards_1'))
  expect(asked).toEqual(['cards_0 r1', 'cards_1 r1'])
  expect(chosen()).toBe(1)
  // What was selected is selected in that item, too.
  expect([...useEditor.getState().selection]).toEqual(['cards_1.still'])
  expect(lookOf('cards_1.still')).toBe('failed')
})

test('without a run there is nothing to choose, and items that come are shown, the first one', async () => {
  show(null)
  await open()
  expect(asked).toEqual(['cards'])
  expect(screen.queryByRole('group')).toBeNull()
  act(() => show(RUN))
  await waitFor(() => expect(location.search).toBe('?in=cards_0'))
  expect(chosen()).toBe(0)
})

test('an item that another run lacks gives way to the first one of that run', async () => {
  await open()
  fireEvent.click(screen.getByRole('radio', { name: 'Item 3: done' }))
  await waitFor(() => expect(location.search).toBe('?in=cards_2'))
  act(() => show({ ...RUN, id: 'r2', steps: RUN.steps.slice(0, 3) }))
  await waitFor(() => expect(location.search).toBe('?in=cards_0'))
  // Another run of the same items shows the values of that run.
  act(() => show({ ...RUN, id: 'r3' }))
  await waitFor(() => expect(asked.at(-1)).toBe('cards_0 r3'))
})
