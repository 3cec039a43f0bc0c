import { describe, expect, test } from 'vitest'
import type { Medium, Quote, StepQuote } from '../api/schema'
import type { RunHead } from './shared/runHead'
import { secondsLeft } from './shared/secondsLeft'
import type { StepState } from './shared/stepState'
import { about, clock, lasting } from './shared/time'
import { endWords, plainWords, problemWords, quoteWords, statusWords } from './words'

const IMAGE: Medium = {
  id: 'a',
  kind: 'image',
  url: '/a',
  posterUrl: null,
  width: 1920,
  height: 1080,
  duration: null,
  filename: 'a.webp',
}

function step(more: Partial<StepState>): StepState {
  return {
    key: 'shots',
    title: 'Shots',
    tool: 'animate_photo',
    status: 'pending',
    progress: 0,
    message: '',
    startedAt: null,
    finishedAt: null,
    attempts: [],
    reusedFrom: null,
    error: null,
    seed: null,
    artifacts: [],
    ...more,
  }
}

function priced(will: 'run' | 'reuse', why: string): StepQuote {
  return { key: 'shots', will, why, units: will === 'run' ? 4 : 0, seconds: 3 }
}

const failed = step({
  status: 'failed',
  attempts: ['error', 'lost', 'error'].map((outcome) => ({
    startedAt: '2026-05-04T09:41:00Z',
    endedAt: '2026-05-04T09:41:01Z',
    outcome,
  })),
  error: {
    code: 'provider.busy',
    message: 'The music provider is full.',
    headline: 'Musicbox failed. Retry.',
    cause: 'The music provider is full.',
    retryable: true,
  },
})

describe('what a stage says', () => {
  const rows: [string, StepState | undefined, string, string, string][] = [
    ['queued', step({}), 'is-queued', '', 'Waiting for Shots and Score'],
    [
      'running',
      step({ status: 'running', progress: 0.62, message: 'Shot 3 of 4' }),
      'is-running',
      '62%',
      'Shot 3 of 4',
    ],
    ['begun', step({ status: 'running' }), 'is-running', 'Running', 'Working'],
    ['done', step({ status: 'completed' }), '', '', '1920 × 1080'],
    [
      'reused',
      step({ status: 'completed', reusedFrom: 'wf' }),
      'is-reused',
      'Reused',
      '1920 × 1080',
    ],
    [
      'your turn',
      step({ status: 'waiting', message: 'Choose 1 of 3' }),
      'is-waiting',
      'Your turn',
      'Choose 1 of 3',
    ],
    ['failed', failed, 'is-failed', 'Failed', 'Attempt 2 failed'],
    [
      'skipped',
      step({ status: 'skipped', message: 'Skipped: no poster' }),
      'is-skip',
      '',
      'Skipped: no poster',
    ],
    ['stopped', step({ status: 'cancelled' }), 'is-skip', '', 'Stopped'],
    ['idle', undefined, '', '', 'Not run yet'],
  ]
  test.each(rows)('%s', (name, state, ring, pill, meta) => {
    const around = {
      isRunning: true,
      waitsFor: ['Shots', 'Score'],
      media: ['done', 'reused'].includes(name) ? [IMAGE] : [],
    }
    expect(statusWords(state, undefined, around)).toMatchObject({ ring, pill, meta })
  })

  test('while editing, what Run would do', () => {
    const done = step({ status: 'completed', artifacts: [IMAGE] })
    const words = statusWords(done, priced('run', 'Motion changed'), { isEditing: true })
    expect(words).toMatchObject({ ring: 'will-run', pill: 'Will run', meta: 'Motion changed' })
    const same = statusWords(done, priced('reuse', 'Same inputs'), {
      isEditing: true,
      media: [IMAGE],
    })
    expect(same).toMatchObject({ ring: '', pill: '', meta: '1920 × 1080' })
  })

  test('a failure stays until something is changed about it', () => {
    const still = statusWords(failed, priced('run', 'Failed last time'), { isEditing: true })
    expect(still.ring).toBe('is-failed')
    const fixed = statusWords(failed, priced('run', 'Prompt changed'), { isEditing: true })
    expect(fixed.ring).toBe('will-run')
  })

  test('to those who only hear it', () => {
    const running = step({ status: 'running', progress: 0.62 })
    expect(statusWords(running, undefined, { isRunning: true }).said).toBe('running, 62 percent')
  })
})

describe('the quote', () => {
  function quote(run: number, reuse: number, more: Partial<Quote> = {}): Quote {
    const steps = [
      ...Array.from({ length: run }, () => priced('run', 'Motion changed')),
      ...Array.from({ length: reuse }, () => priced('reuse', 'Same inputs')),
    ]
    return {
      rev: 1,
      steps,
      units: 12,
      fullUnits: 40,
      seconds: 41.3,
      reusedFrom: null,
      isComplete: true,
      unfiltered: '',
      offersDraft: false,
      issues: [],
      ...more,
    }
  }

  test.each([
    [quote(3, 5), '3 of 8 stages will run, about 40 s, 12 credits; 5 reused'],
    [quote(4, 0), '4 stages will run, about 40 s, 12 credits'],
    [quote(1, 0, { seconds: null, units: 0 }), '1 stage will run, free'],
    [quote(2, 0, { seconds: 0.3, units: 1 }), '2 stages will run, about 1 s, 1 credit'],
    [
      quote(3, 5, { unfiltered: 'Art has no content filter.' }),
      '3 of 8 stages will run, about 40 s, 12 credits; 5 reused. Art has no content filter.',
    ],
    [quote(0, 8, { units: 0 }), 'Nothing changed. All 8 stages are reused, free.'],
    [quote(0, 0), 'Add a stage to run'],
  ])('%#', (quoted, words) => {
    expect(plainWords(quoteWords(quoted, [], null))).toBe(words)
  })

  test('names whose credits pay where others run the template, too', () => {
    const words = plainWords(quoteWords(quote(4, 0), [], null, 0, true))
    expect(words).toBe('4 stages will run, about 40 s, 12 of your credits')
  })

  test('names the stage that something is in the way at', () => {
    expect(problemWords('Prompt is required.', 'Shot 1')).toBe('Shot 1: Prompt is required.')
    expect(problemWords('Shot 1 needs an image.', 'Shot 1')).toBe('Shot 1 needs an image.')
    expect(problemWords('Add a stage.')).toBe('Add a stage.')
  })

  test('says what is in the way', () => {
    const incomplete = quote(2, 0, { isComplete: false })
    expect(plainWords(quoteWords(incomplete, ['Photo'], null))).toBe('Fill in Photo')
    expect(quoteWords(quote(0, 0), [], 'Shots needs an image')).toEqual({
      isBlocked: true,
      parts: [{ text: 'Shots needs an image' }],
    })
  })
})

describe('a run that ended', () => {
  const head: RunHead = {
    id: 'wf',
    by: { id: 'usr_1', name: 'Alice', hue: 1 },
    isMine: true,
    mayStop: true,
    status: 'completed',
    createdAt: '2026-05-04T09:41:00Z',
    finishedAt: '2026-05-04T09:41:19Z',
    lastSeq: 9,
    units: 0,
    documentRev: 1,
    order: ['a', 'b'],
  }
  const steps = {
    a: step({ key: 'a', status: 'completed' }),
    b: step({ key: 'b', title: 'Score', status: 'failed' }),
  }
  test.each([
    ['completed', 'Done: 2 stages, 19 s, free.'],
    ['cancelled', 'Stopped after 1 of 2. Free; finished stages are kept.'],
    ['failed', 'Score failed. 1 of 2 stages finished and are kept.'],
  ] as const)('%s', (status, words) => {
    expect(endWords({ ...head, status }, steps)).toBe(words)
  })
})

describe('times', () => {
  test.each([
    [0.42, '0.4 s', '0:00', 'about 1 s'],
    [7, '7 s', '0:07', 'about 7 s'],
    [72.4, '1:12', '1:12', 'about 70 s'],
    [600, '10:00', '10:00', 'about 10 min'],
    [3_725, '1:02:05', '1:02:05', 'about 62 min'],
  ])('%f', (seconds, long, ticking, guess) => {
    expect([lasting(seconds), clock(seconds), about(seconds)]).toEqual([long, ticking, guess])
  })

  test('how long a stage still needs: by its pace, else by what is usual', () => {
    const since = Date.parse('2026-05-04T09:41:00Z')
    const begun = { status: 'running' as const, startedAt: '2026-05-04T09:41:00Z' }
    expect(secondsLeft(step({ ...begun, progress: 0.5 }), 60, since + 10_000)).toBe(10)
    expect(secondsLeft(step(begun), 60, since + 10_000)).toBe(50)
    expect(secondsLeft(step(begun), null, since + 10_000)).toBeNull()
    expect(secondsLeft(step({}), 60, since)).toBeNull()
  })
})
