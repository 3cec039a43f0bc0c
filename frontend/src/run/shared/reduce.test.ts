import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { RunState, Wait } from '../../api/schema'
import { type Followed, fromState, type RunEvent, reduce } from './reduce'
import type { StepState } from './stepState'

const LOG = JSON.parse(
  readFileSync(new URL('../../../fixtures/run-log.json', import.meta.url), 'utf8'),
) as RunEvent[]
const KEYS = ['script', 'shots', 'score', 'cut', 'poster']

function waiting(key: string): StepState {
  return {
    key,
    title: key,
    tool: 'generate_image',
    status: 'pending',
    progress: 0,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: 7,
    artifacts: [],
  }
}

function fresh(): Followed {
  const state: RunState = {
    id: 'wf_lamp',
    by: { id: 'usr_1', name: 'Alice', hue: 1 },
    isMine: true,
    mayStop: true,
    status: 'queued',
    createdAt: '2026-05-04T09:41:00Z',
    finishedAt: null,
    lastSeq: 0,
    units: 0,
    documentRev: 4,
    steps: KEYS.map(waiting),
  }
  return fromState(state)
}

function until(name: string, step?: string): RunEvent[] {
  const end = LOG.findLastIndex((event) => event.event === name && (!step || event.stepId === step))
  return LOG.slice(0, end + 1)
}

describe("a run's log", () => {
  test('ends with the state the server has', () => {
    const { run, steps, inDoubt, done } = reduce(fresh(), LOG)
    expect(run).toMatchObject({ status: 'failed', lastSeq: LOG.length })
    expect(run.finishedAt).toBe(LOG.at(-1)?.createdAt)
    expect(inDoubt).toBe(false)
    expect(done).toEqual(['script', 'shots'])
    expect(KEYS.map((key) => steps[key]?.status)).toEqual([
      'completed',
      'completed',
      'failed',
      'skipped',
      'cancelled',
    ])
  })

  test('tells how far a stage is and what it works on', () => {
    const noted = reduce(fresh(), LOG.slice(0, 10)).steps.shots
    expect(noted).toMatchObject({ status: 'running', progress: 0.25, message: 'Shot 1 of 4' })
    // An entry without a note ends the one before, as in the state that the server tells.
    const later = reduce(fresh(), LOG.slice(0, 12)).steps.shots
    expect(later).toMatchObject({ status: 'running', progress: 0.62, message: '' })
  })

  test('says which results were taken over', () => {
    const { steps } = reduce(fresh(), LOG)
    expect(steps.script?.reusedFrom).toBe('wf_before')
    expect(steps.shots?.reusedFrom).toBeNull()
  })

  test('brings media with their addresses', () => {
    const { steps } = reduce(fresh(), LOG)
    expect(steps.shots?.artifacts).toEqual([
      {
        id: 'art_2',
        kind: 'video',
        url: '/media/art_2/video-1.bin',
        posterUrl: null,
        width: 640,
        height: 360,
        duration: 5,
        filename: 'video-1.bin',
      },
    ])
  })

  test('counts every try, and how it ended', () => {
    const between = reduce(fresh(), until('step_progress', 'score')).steps.score
    expect(between).toMatchObject({ status: 'ready', message: 'Full. Trying again' })
    const { score } = reduce(fresh(), LOG).steps
    expect(score?.attempts.map((attempt) => attempt.outcome)).toEqual(['error', 'error'])
    expect(score?.attempts.every((attempt) => attempt.endedAt)).toBe(true)
    expect(score?.error).toEqual({
      code: 'provider.busy',
      message: 'The music provider is full.',
      headline: 'musicbox failed. Retry.',
      cause: 'The music provider is full.',
      retryable: true,
    })
  })

  test('taken in piece by piece is the same as at once', () => {
    let followed = fresh()
    for (const event of LOG) followed = reduce(followed, [event])
    const { run, steps } = reduce(fresh(), LOG)
    expect(followed.run).toEqual(run)
    expect(followed.steps).toEqual(steps)
  })

  test('said twice changes nothing', () => {
    const once = reduce(fresh(), LOG)
    const twice = reduce(once, LOG)
    expect(twice.run).toBe(once.run)
    expect(twice.steps).toBe(once.steps)
    expect(twice.done).toEqual([])
  })

  test('replaces only the entries of stages it speaks of', () => {
    const before = reduce(fresh(), LOG.slice(0, 11))
    const after = reduce(before, LOG.slice(11, 12))
    expect(after.steps.shots).not.toBe(before.steps.shots)
    expect(after.steps.score).toBe(before.steps.score)
    expect(after.steps.script).toBe(before.steps.script)
  })

  test('is in doubt when a number is missing or a stage unknown', () => {
    expect(reduce(fresh(), LOG.slice(2)).inDoubt).toBe(true)
    const outsider = { ...(LOG[3] as RunEvent), sequence: 1, stepId: 'no_one' }
    expect(reduce(fresh(), [outsider]).inDoubt).toBe(true)
  })

  test('goes on after a closing entry that a resume undid', () => {
    const ended = reduce(fresh(), LOG)
    const { status: _, ...superseded } = LOG.at(-1) as RunEvent
    const undone = { ...superseded, sequence: LOG.length + 1 }
    const again = { ...(LOG[3] as RunEvent), sequence: LOG.length + 2, stepId: 'score' }
    const { run, steps } = reduce(ended, [undone, again])
    expect(run).toMatchObject({ status: 'running', finishedAt: null })
    expect(steps.score).toMatchObject({ status: 'running', error: null })
  })
})

describe('groups inside groups', () => {
  const step = (key: string, more: Partial<StepState> = {}) => ({ ...waiting(key), ...more })
  const group = { kind: 'group', status: 'running' } as const
  const nested = (): Followed => {
    const { run } = fresh()
    return fromState({
      ...run,
      steps: [
        step('film', group),
        step('film.first', { parent: 'film', status: 'completed' }),
        step('film.shot', { ...group, parent: 'film' }),
        step('film.shot.still', { parent: 'film', group: 'film.shot', status: 'running' }),
        step('film.shot.clip', { parent: 'film', group: 'film.shot' }),
        step('film.shot.clip__gate', { kind: 'gate', parent: 'film', group: 'film.shot' }),
      ],
    })
  }

  test('say how far all is that they hold, and what is at work', () => {
    const { run, steps } = nested()
    expect(run.order).toEqual(['film'])
    expect(run.items?.['film.shot']).toEqual(['film.shot.still', 'film.shot.clip'])
    expect(steps.film?.message).toBe('1 of 3 · film.shot.still')
    expect(steps['film.shot']?.message).toBe('0 of 2 · film.shot.still')
  })

  test('wait for who is asked inside, and go on after that', () => {
    const before = nested()
    const event = (sequence: number, name: string): RunEvent => ({
      ...(LOG[3] as RunEvent),
      sequence,
      event: name,
      stepId: 'film.shot.clip__gate',
      message: 'Check it.',
    })
    const asking = reduce(before, [event(1, 'step_waiting_for_user')])
    for (const key of ['film', 'film.shot'])
      expect(asking.steps[key]).toMatchObject({ status: 'waiting', message: 'Check it.' })
    const after = reduce(asking, [event(2, 'step_completed')])
    for (const key of ['film', 'film.shot']) expect(after.steps[key]?.status).toBe('running')
  })
})

describe('what a run asks', () => {
  const wait: Wait = {
    id: '1',
    type: 'checkpoint',
    step: 'poster__gate',
    stage: 'poster',
    reason: 'checkpoint_required',
    message: 'Check it.',
    candidates: [],
    min: 1,
    max: 1,
    units: null,
  }
  const asking = (): Followed => {
    const { run, steps } = fresh()
    const gate: StepState = { ...waiting('poster__gate'), kind: 'gate', status: 'waiting' }
    return { run: { ...run, waits: [wait] }, steps: { ...steps, poster__gate: gate } }
  }
  const event = (name: string, stepId: string): RunEvent => ({
    sequence: 1,
    event: name,
    status: 'running',
    stepId,
    message: name,
    createdAt: '2026-05-04T09:41:09Z',
    data: {},
  })

  test.each([
    ['step_completed', 'poster__gate'],
    ['step_resumed', 'poster'],
  ])('is asked no more after %s of %s', (name, stepId) => {
    expect(reduce(asking(), [event(name, stepId)]).run.waits).toEqual([])
  })

  test.each([
    ['step_waiting_for_user', 'poster__gate'],
    ['step_resumed', 'score'],
  ])('is still asked after %s of %s', (name, stepId) => {
    expect(reduce(asking(), [event(name, stepId)]).run.waits).toEqual([wait])
  })
})

describe('a state that is read again', () => {
  test('keeps the steps that say the same', () => {
    const { run, steps } = reduce(fresh(), LOG)
    const state: RunState = { ...run, steps: KEYS.map((key) => steps[key] as StepState) }
    const resigned = JSON.parse(
      JSON.stringify(state).replace(/("url":"[^"]*)"/g, '$1?s=2"'),
    ) as RunState
    const again = fromState(resigned, { run, steps })
    for (const key of KEYS) expect(again.steps[key]).toBe(steps[key])
  })

  test('brings posters without loading what is shown twice', () => {
    const { run, steps } = reduce(fresh(), LOG)
    const state = JSON.parse(
      JSON.stringify({ ...run, steps: KEYS.map((key) => steps[key]) }).replaceAll(
        '"posterUrl":null',
        '"posterUrl":"/media/p.webp"',
      ),
    ) as RunState
    const [clip] = fromState(state, { run, steps }).steps.shots?.artifacts ?? []
    expect(clip?.posterUrl).toBe('/media/p.webp')
    expect(clip?.url).toBe(steps.shots?.artifacts[0]?.url)
  })
})

describe('a batch in the log', () => {
  const event = (sequence: number, name: string, stepId: string, data = {}): RunEvent => ({
    sequence,
    event: name,
    status: 'running',
    stepId,
    message: name,
    createdAt: '2026-05-04T09:41:09Z',
    data,
  })
  const items = [
    { id: 'shots_0', index: 0, label: 'Dusk' },
    { id: 'shots_1', index: 1 },
  ]

  test('brings its items, which say how it is', () => {
    const before = fresh()
    const { run, steps, inDoubt } = reduce(before, [
      event(1, 'step_started', 'shots'),
      event(2, 'step_expanded', 'shots', { items }),
      event(3, 'step_started', 'shots_0'),
      event(4, 'step_completed', 'shots_0'),
      event(5, 'step_failed', 'shots_1', { error: { message: 'Full.', retryable: true } }),
    ])
    expect(inDoubt).toBe(false)
    expect(run.items?.shots).toEqual(['shots_0', 'shots_1'])
    expect(run.order).toEqual(KEYS)
    expect(steps.shots_0).toMatchObject({ parent: 'shots', label: 'Dusk', status: 'completed' })
    expect(steps.shots).toMatchObject({ progress: 1, message: '1 of 2, 1 failed' })
    expect(steps.shots?.counts).toMatchObject({ done: 1, failed: 1 })
  })

  test('is the same when the state is read again', () => {
    const state: RunState = {
      id: 'wf_lamp',
      by: { id: 'usr_1', name: 'Alice', hue: 1 },
      isMine: true,
      mayStop: true,
      status: 'running',
      createdAt: '2026-05-04T09:41:00Z',
      finishedAt: null,
      lastSeq: 5,
      units: 0,
      documentRev: 4,
      steps: [
        { ...waiting('shots'), kind: 'expand', status: 'running' },
        { ...waiting('shots_1'), parent: 'shots', index: 1, status: 'failed' },
        { ...waiting('shots_0'), parent: 'shots', index: 0, status: 'completed' },
        { ...waiting('shots__gate'), kind: 'gate' },
      ],
    }
    const { run, steps } = fromState(state)
    expect(run.order).toEqual(['shots'])
    expect(run.items).toEqual({ shots: ['shots_0', 'shots_1'] })
    expect(steps.shots?.message).toBe('1 of 2, 1 failed')
  })

  test('asks for the state when a person is asked', () => {
    const { steps, inDoubt } = reduce(fresh(), [event(1, 'step_waiting_for_user', 'poster')])
    expect(steps.poster?.status).toBe('waiting')
    expect(inDoubt).toBe(true)
  })
})

describe('batches in the elements of a batch', () => {
  const step = (key: string, kind: string, parent: string | null, group = '', index = 0) =>
    ({ ...waiting(key), kind, parent, group, index, label: '' }) as StepState
  const state: RunState = {
    ...fresh().run,
    steps: [
      step('acts', 'expand', null),
      step('acts_0', 'group', 'acts'),
      step('acts_0.base', 'tool', 'acts_0', '', 0),
      step('acts_0.shots', 'expand', 'acts_0', '', 1),
      step('acts_0.shots_0', 'group', 'acts_0', 'acts_0.shots', 0),
      step('acts_0.shots_1', 'group', 'acts_0', 'acts_0.shots', 1),
      step('acts_0.shots_0.still', 'tool', 'acts_0', 'acts_0.shots_0', 4),
      step('acts_0.shots_1.still', 'tool', 'acts_0', 'acts_0.shots_1', 5),
    ],
  }

  test('have their elements as items', () => {
    expect(fromState(state).run.items).toEqual({
      acts: ['acts_0'],
      acts_0: ['acts_0.base', 'acts_0.shots_0', 'acts_0.shots_1'],
      'acts_0.shots': ['acts_0.shots_0', 'acts_0.shots_1'],
      'acts_0.shots_0': ['acts_0.shots_0.still'],
      'acts_0.shots_1': ['acts_0.shots_1.still'],
    })
  })

  test('say how far they are, from the inside out', () => {
    const steps = state.steps.map((one) =>
      one.key === 'acts_0.shots_1.still'
        ? { ...one, status: 'running' as const, progress: 0.5, title: 'Still' }
        : one.kind === 'expand' || one.kind === 'group'
          ? { ...one, status: 'running' as const }
          : { ...one, status: 'completed' as const },
    )
    const followed = fromState({ ...state, steps })
    expect(followed.steps['acts_0.shots']?.counts).toMatchObject({ total: 2, running: 2 })
    expect(followed.steps['acts_0.shots_1']?.progress).toBe(0.5)
    expect(followed.steps.acts_0?.counts?.total).toBe(3)
  })
})
