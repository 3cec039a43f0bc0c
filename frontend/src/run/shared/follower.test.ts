// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError, Unreachable } from '../../api/http'
import type { RunState } from '../../api/schema'
import { BACK_OFF_MS, Follower, SILENCE_MS, type World } from './follower'
import type { Followed, RunEvent } from './reduce'

/** The server's end of one socket. */
class Line extends EventTarget {
  static readonly OPEN = 1
  readyState = Line.OPEN
  sent: string[] = []
  constructor(readonly after: number) {
    super()
  }
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.readyState = 3
  }
  says(message: object) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
  tells(...events: RunEvent[]) {
    for (const event of events) this.says({ event: 'workflow_event', data: event })
  }
  breaks(code = 1006) {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

function state(lastSeq: number, more: Partial<RunState> = {}): RunState {
  const step = {
    key: 'shots',
    title: 'Shots',
    tool: 'note',
    status: 'pending' as const,
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
  return {
    id: 'wf',
    by: { id: 'usr_1', name: 'Alice', hue: 1 },
    isMine: true,
    mayStop: true,
    status: 'running',
    createdAt: '2026-05-04T09:41:00Z',
    finishedAt: null,
    lastSeq,
    units: 0,
    documentRev: 1,
    steps: [step],
    ...more,
  }
}

function event(sequence: number, name: string, more: Partial<RunEvent> = {}): RunEvent {
  return {
    sequence,
    event: name,
    status: 'running',
    stepId: 'shots',
    message: '',
    createdAt: '2026-05-04T09:41:01Z',
    data: {},
    ...more,
  }
}

let lines: Line[]
let shown: Followed[]
let seen: string[]
let connection: string[]
let answers: (RunState | Error)[]
let asked: number
/** What the next reads wait for. */
let held: Promise<RunState> | null
let endings: Followed[]
let losses: string[]
let follower: Follower

const newest = () => lines.at(-1) as Line

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  lines = []
  shown = []
  seen = []
  connection = []
  answers = []
  asked = 0
  held = null
  endings = []
  losses = []
  const world: World = {
    read: async () => {
      asked += 1
      if (held) return held
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      if (!answer || answer instanceof Error) throw answer ?? new Unreachable('gone')
      return answer
    },
    connect: (_, after) => {
      const line = new Line(after)
      lines.push(line)
      return line as unknown as WebSocket
    },
    show: (followed, done) => {
      shown.push(followed)
      seen.push(...done)
    },
    line: (now) => connection.push(now),
    ended: (followed) => endings.push(followed),
    lost: (why) => losses.push(why),
  }
  follower = new Follower('wf', world)
})

afterEach(() => {
  follower.stop()
  vi.useRealTimers()
})

async function begin(first: RunState | Error = state(3)) {
  answers = [first]
  follower.start()
  await vi.advanceTimersByTimeAsync(1)
}

describe('following a run', () => {
  test('reads its state, then listens from there', async () => {
    await begin()
    expect(shown).toHaveLength(1)
    expect(lines.map((line) => line.after)).toEqual([3])
  })

  test('reads once more when an answer is older than the end that the line told', async () => {
    await begin(state(3))
    const over = { status: 'completed' as const, finishedAt: '2026-05-04T09:41:02Z' }
    // Asked before the end, answered after it.
    let answer: (state: RunState) => void = () => {}
    held = new Promise((resolve) => {
      answer = resolve
    })
    newest().tells(event(4, 'step_started'))
    newest().says({ event: 'workflow_status' })
    newest().tells(
      event(5, 'step_completed'),
      event(6, 'workflow_completed', { status: 'completed' }),
    )
    await vi.advanceTimersByTimeAsync(20)
    held = null
    answers = [state(6, over)]
    answer(state(4))
    await vi.advanceTimersByTimeAsync(0)
    expect(endings).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(BACK_OFF_MS[0] ?? 0)
    expect(endings.map((end) => end.run.lastSeq)).toEqual([6])
    expect(asked).toBe(3)
  })

  test('takes what comes within a frame in at once', async () => {
    await begin()
    newest().tells(event(4, 'step_started'), event(5, 'step_progress', { data: { progress: 0.2 } }))
    newest().tells(event(6, 'step_progress', { data: { progress: 0.4 } }))
    expect(shown).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(20)
    expect(shown).toHaveLength(2)
    expect(shown[1]?.steps.shots).toMatchObject({ status: 'running', progress: 0.4 })
  })

  test('takes events in without frames, too, as in a hidden tab', async () => {
    vi.stubGlobal('requestAnimationFrame', () => 0)
    await begin()
    newest().tells(event(4, 'step_started'))
    await vi.advanceTimersByTimeAsync(400)
    expect(shown.at(-1)?.steps.shots?.status).toBe('running')
    vi.unstubAllGlobals()
  })

  test('reads the state after a gap, and goes by it', async () => {
    await begin()
    answers = [state(9, { units: 5 })]
    newest().tells(event(8, 'step_started'))
    await vi.advanceTimersByTimeAsync(50)
    expect(asked).toBe(2)
    expect(shown.at(-1)?.run).toMatchObject({ lastSeq: 9, units: 5 })
    expect(lines).toHaveLength(1)
  })

  test('passes over a state older than what it heard meanwhile', async () => {
    await begin()
    newest().tells(event(4, 'step_started'), event(5, 'step_progress', { data: { progress: 0.5 } }))
    await vi.advanceTimersByTimeAsync(20)
    answers = [state(3)]
    newest().says({ event: 'workflow_status' })
    await vi.advanceTimersByTimeAsync(20)
    expect(shown.at(-1)?.steps.shots?.progress).toBe(0.5)
  })

  test('reads once more when events left it in doubt while an answer was under way', async () => {
    await begin()
    let answer: (state: RunState) => void = () => {}
    held = new Promise((resolve) => {
      answer = resolve
    })
    follower.refresh()
    newest().tells(event(4, 'step_waiting_for_user'))
    await vi.advanceTimersByTimeAsync(20)
    expect(asked).toBe(2)
    held = null
    answers = [state(4, { units: 5 })]
    // Read before the stage asked.
    answer(state(3))
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toBe(3)
    expect(shown.at(-1)?.run.units).toBe(5)
  })

  test('reconnects where it stood, later each time', async () => {
    await begin()
    newest().tells(event(4, 'step_started'))
    await vi.advanceTimersByTimeAsync(20)
    answers = [state(4)]
    for (const wait of BACK_OFF_MS.slice(0, 4)) {
      const before = lines.length
      newest().breaks()
      expect(connection.at(-1)).toBe('reconnecting')
      await vi.advanceTimersByTimeAsync(wait - 5)
      expect(lines).toHaveLength(before)
      await vi.advanceTimersByTimeAsync(10)
      expect(lines).toHaveLength(before + 1)
      expect(newest().after).toBe(4)
    }
    newest().says({ event: 'ping', id: 4 })
    expect(connection.at(-1)).toBe('live')
  })

  test('waits out a server that is gone', async () => {
    await begin(new Unreachable("Can't reach the server."))
    expect(connection).toEqual(['reconnecting'])
    answers = [state(3)]
    await vi.advanceTimersByTimeAsync(1_000)
    expect(shown).toHaveLength(1)
  })

  test('asks again after sleep when the line does not answer', async () => {
    await begin()
    newest().says({ event: 'ping', id: 3 })
    await vi.advanceTimersByTimeAsync(5)
    follower.check()
    expect(newest().sent).toEqual(['ping'])
    await vi.advanceTimersByTimeAsync(800)
    expect(lines).toHaveLength(2)
  })

  test('keeps a line that answers', async () => {
    await begin()
    await vi.advanceTimersByTimeAsync(5)
    follower.check()
    newest().says({ event: 'pong', id: 3 })
    await vi.advanceTimersByTimeAsync(800)
    expect(lines).toHaveLength(1)
  })

  test('asks why a stage waits while the log is silent, and no more often', async () => {
    const [step] = state(3).steps
    if (!step) throw new Error('no step')
    await begin(state(3, { steps: [{ ...step, status: 'ready' }] }))
    newest().says({ event: 'ping' })
    await vi.advanceTimersByTimeAsync(20)
    expect(shown).toHaveLength(1)
    const message = 'Waiting for a worker with label gpu'
    answers = [state(3, { steps: [{ ...step, status: 'ready', message }] })]
    await vi.advanceTimersByTimeAsync(15_000)
    newest().says({ event: 'ping' })
    await vi.advanceTimersByTimeAsync(20)
    expect(shown.at(-1)?.steps.shots?.message).toBe(message)
    answers = [state(3, { steps: [{ ...step, status: 'running' }] })]
    await vi.advanceTimersByTimeAsync(15_000)
    newest().says({ event: 'ping' })
    await vi.advanceTimersByTimeAsync(15_000)
    const before = shown.length
    // A stage that runs needs no worker.
    newest().says({ event: 'ping' })
    await vi.advanceTimersByTimeAsync(20)
    expect(shown).toHaveLength(before)
  })

  test('gives up a line that was silent too long', async () => {
    await begin()
    newest().says({ event: 'ping', id: 3 })
    await vi.advanceTimersByTimeAsync(SILENCE_MS * 1.5)
    expect(lines.length).toBeGreaterThan(1)
  })

  test('ends with one last look at the state', async () => {
    await begin()
    const over = state(5, { status: 'completed', finishedAt: '2026-05-04T09:41:09Z', units: 12 })
    answers = [over]
    newest().tells(event(4, 'step_completed', { data: {} }))
    newest().tells(event(5, 'workflow_completed', { status: 'completed', stepId: undefined }))
    newest().says({ event: 'workflow_status', data: {} })
    await vi.advanceTimersByTimeAsync(20)
    expect(endings).toHaveLength(1)
    expect(endings[0]?.run.units).toBe(12)
    expect(connection.at(-1)).toBe('closed')
    expect(seen).toEqual(['shots'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toBe(2)
  })

  test('a run that waits for a person is heard of at once when it goes on', async () => {
    await begin(state(3, { status: 'waiting_for_user' }))
    newest().breaks(1000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toBe(1)
    expect(lines.map((line) => line.after)).toEqual([3, 3])
  })

  test.each([
    [4401, 'signed-out'],
    [4404, 'gone'],
  ])('a line closed with %i ends it: %s', async (code, why) => {
    await begin()
    newest().breaks(code)
    expect(losses).toEqual([why])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines).toHaveLength(1)
  })

  test.each([
    ['a proxy', new Unreachable("Can't reach the server.", 404)],
    ['a slow server', new ApiError(408, 'request.timeout', 'Too slow.')],
    ['a busy server', new ApiError(429, 'quota.exceeded', 'Too many.')],
  ])('%s that says no ends nothing', async (_, no) => {
    await begin(no)
    answers = [state(3)]
    await vi.advanceTimersByTimeAsync(1_000)
    expect(losses).toEqual([])
    expect(lines).toHaveLength(1)
  })

  test('a run that is not there ends it', async () => {
    await begin(new ApiError(404, 'run.not_found', 'There is no such run.'))
    expect(losses).toEqual(['gone'])
  })
})
