// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunState, Wait } from '../../src/api/schema'
import { choose } from '../../src/canvas/nodeActions'
import { closeDialog, open, select } from '../../src/editor/actions'
import { editor } from '../../src/editor/store'
import { fromState } from '../../src/run/shared/reduce'
import { useRun } from '../../src/run/store'

const STATE: RunState = {
  id: 'wf_lamp',
  by: { id: 'usr_1', name: 'Alice', hue: 1 },
  isMine: true,
  mayStop: true,
  status: 'waiting_for_user',
  createdAt: '2026-05-04T09:41:00Z',
  finishedAt: null,
  lastSeq: 3,
  units: 0,
  documentRev: 1,
  waits: [],
  steps: [],
}
const WAIT: Wait = {
  id: '7',
  type: 'question',
  step: 'poster',
  stage: 'poster',
  reason: 'question',
  message: 'Which one?',
  candidates: [],
  min: 1,
  max: 1,
  units: null,
}

/** The run on the canvas becomes this: its stage is so, and asks this. */
function put(status: 'waiting' | 'completed', waits: Wait[]): void {
  const step = {
    key: 'poster',
    title: 'Poster',
    tool: 'note',
    status,
    progress: 0,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: null,
    artifacts: [],
  }
  useRun.setState(fromState({ ...STATE, waits, steps: [step] }))
}

describe('the question of a stage that waits', () => {
  beforeEach(() => {
    put('waiting', [])
    choose('poster')
  })
  afterEach(() => {
    closeDialog()
    useRun.setState({ run: null, steps: {} })
  })

  test('opens as soon as it has been fetched', () => {
    expect(editor().dialog).toBeNull()
    put('waiting', [])
    expect(editor().dialog).toBeNull()
    put('waiting', [WAIT])
    expect(editor().dialog).toMatchObject({ name: 'answer', wait: '7' })
  })

  test('opens once', () => {
    put('waiting', [WAIT])
    closeDialog()
    put('waiting', [WAIT])
    expect(editor().dialog).toBeNull()
  })

  test.each([
    ['selects something else', () => select([])],
    [
      'opens another dialog',
      () => {
        open({ name: 'keys' })
        closeDialog()
      },
    ],
    ['answers it elsewhere', () => put('completed', [])],
  ])('stays closed for a person who %s', (_, turn) => {
    turn()
    select(['poster'])
    put('waiting', [WAIT])
    expect(editor().dialog).toBeNull()
  })
})
