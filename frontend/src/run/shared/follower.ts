/**
 * Follows one run to its end: the state first, then the socket from there. Reads the state again
 * whenever it cannot be sure; hands on at most one picture of the run per frame.
 */

import { ApiError, Unreachable } from '../../api/http'
import type { RunState } from '../../api/schema'
import { type Followed, fromState, type RunEvent, reduce } from './reduce'
import { isUnfinished } from './status'

export const BACK_OFF_MS = [200, 500, 1_000, 2_000, 5_000, 10_000]
/** A line that was silent for longer than two signs of life is dead, whatever the browser thinks. */
export const SILENCE_MS = 40_000
const PONG_MS = 700
/** Posters and last words come with the state only: asked at most so often while stages end. */
const REREAD_MS = 2_000
/** Without frames, in a hidden tab, events are taken in this late. */
const HIDDEN_MS = 300
const ON_HOLD_MS = 15_000
/** A state that was read so recently needs no second look at why its stages wait. */
const WHY_MS = 5_000
const CLOSED = {
  done: 1000,
  unauthenticated: 4401,
  forbidden: 4403,
  missing: 4404,
  suspended: 4423,
}

/** The functions of the page that a follower needs. */
export interface World {
  read: (runId: string, signal: AbortSignal) => Promise<RunState>
  connect: (runId: string, after: number) => WebSocket
  /** done: stages that finished since the last call, seen as it happened. */
  show: (followed: Followed, done: readonly string[]) => void
  /** Events of the log that are new, before they are taken in. */
  heard?: (events: readonly RunEvent[]) => void
  line: (state: 'live' | 'reconnecting' | 'closed') => void
  /** The run is over; `show` was called with its last state. */
  ended: (followed: Followed) => void
  lost: (why: 'signed-out' | 'gone') => void
  /** The account is suspended: it is asked now and then whether that holds. */
  suspended?: () => void
}

interface SocketMessage {
  event: string
  data?: RunEvent
}

export class Follower {
  private followed: Followed | null = null
  private socket: WebSocket | null = null
  private queue: RunEvent[] = []
  private failures = 0
  private heardAt = 0
  private readAt = 0
  /** Something happened since the state was read. */
  private hasNews = false
  private isStopped = false
  private reading: AbortController | null = null
  /** The state was asked for again during a reading, whose answer may be too old. */
  private isAskedAgain = false
  private timers: Partial<Record<Timer, ReturnType<typeof setTimeout>>> = {}
  private frame = 0

  constructor(
    readonly runId: string,
    private readonly world: World,
  ) {}

  /** state: when it was read already. */
  start(state?: RunState): void {
    if (state) this.take(state)
    else this.reread()
    this.later('silence', SILENCE_MS / 4, () => this.listen())
    document.addEventListener('visibilitychange', this.check)
    window.addEventListener('pageshow', this.check)
    window.addEventListener('online', this.check)
  }

  stop(): void {
    if (this.isStopped) return
    this.isStopped = true
    this.reading?.abort()
    this.hangUp()
    for (const timer of Object.values(this.timers)) clearTimeout(timer)
    cancelAnimationFrame(this.frame)
    document.removeEventListener('visibilitychange', this.check)
    window.removeEventListener('pageshow', this.check)
    window.removeEventListener('online', this.check)
  }

  /** Back in view, or back from sleep: is the line still there? If not, a new one at once. */
  readonly check = (): void => {
    if (this.isStopped || document.visibilityState !== 'visible') return
    if (this.socket?.readyState !== WebSocket.OPEN) {
      this.failures = 0
      this.reread()
      return
    }
    const mine = this.socket
    const askedAt = Date.now()
    mine.send('ping')
    this.later('pong', PONG_MS, () => {
      if (this.socket !== mine || this.heardAt >= askedAt) return
      this.hangUp()
      this.reread()
    })
  }

  /** Its last state is known: nothing is followed any more. */
  get isOver(): boolean {
    return this.isStopped
  }

  /** Something was done to the run from here: how does it go on? */
  refresh(): void {
    this.failures = 0
    this.reread()
  }

  /** Ask for the state and go on from there. */
  private reread(): void {
    if (this.isStopped) return
    this.isAskedAgain = this.reading !== null
    if (this.reading) return
    clearTimeout(this.timers.reread)
    this.timers.reread = undefined
    const mine = new AbortController()
    this.reading = mine
    this.world.read(this.runId, mine.signal).then(
      (state) => {
        if (this.isStopped) return
        this.reading = null
        this.take(state)
        if (this.isAskedAgain) this.reread()
      },
      (error) => {
        if (this.isStopped) return
        this.reading = null
        if (error instanceof ApiError && error.status === 401) this.lose('signed-out')
        else if (error instanceof ApiError && (error.status === 403 || error.status === 404))
          this.lose('gone')
        else this.retry(error instanceof Unreachable ? null : error)
      },
    )
  }

  private take(state: RunState): void {
    this.flush()
    this.readAt = Date.now()
    this.hasNews = false
    // An answer that is older than what the line told meanwhile would turn time back.
    const isOld = this.followed !== null && state.lastSeq < this.followed.run.lastSeq
    if (!this.followed || !isOld) {
      const before = this.followed
      this.followed = fromState(state, before ?? undefined)
      const finishedSteps = before
        ? state.steps.filter(
            (step) => step.status === 'completed' && before.steps[step.key]?.status === 'running',
          )
        : []
      this.world.show(
        this.followed,
        finishedSteps.map((step) => step.key),
      )
    }
    if (!isUnfinished(this.followed.run)) {
      // The line told the end first: the posters of the last stages come with a newer answer.
      if (isOld) this.later('again', BACK_OFF_MS[0] ?? 0, () => this.reread())
      else this.end()
    } else if (!this.socket) this.connect()
  }

  private end(): void {
    if (!this.followed) return
    this.stop()
    this.world.line('closed')
    this.world.ended(this.followed)
  }

  private lose(why: 'signed-out' | 'gone'): void {
    this.stop()
    this.world.line('closed')
    this.world.lost(why)
  }

  private connect(): void {
    const mine = this.world.connect(this.runId, this.followed?.run.lastSeq ?? 0)
    this.socket = mine
    mine.addEventListener('message', (message: MessageEvent<string>) => {
      if (this.socket !== mine) return
      this.heardAt = Date.now()
      this.failures = 0
      this.world.line('live')
      this.hear(JSON.parse(message.data) as SocketMessage)
    })
    mine.addEventListener('close', (closed: CloseEvent) => {
      if (this.socket !== mine) return
      this.socket = null
      if (closed.code === CLOSED.unauthenticated) this.lose('signed-out')
      else if (closed.code === CLOSED.forbidden || closed.code === CLOSED.missing) this.lose('gone')
      else if (closed.code === CLOSED.suspended) {
        this.world.suspended?.()
        this.later('again', ON_HOLD_MS, () => this.reread())
      }
      // It waits for a person: then the log ends without the run. The next line hears how it goes on.
      else if (closed.code === CLOSED.done && this.followed?.run.status === 'waiting_for_user')
        this.later('again', BACK_OFF_MS[0] ?? 0, () => this.socket ?? this.connect())
      else this.retry(null)
    })
  }

  private hear(message: SocketMessage): void {
    if (message.event === 'ping') this.askWhy()
    // The log came to its end: what remains to be known is in the state.
    if (message.event === 'workflow_status') this.reread()
    if (message.event !== 'workflow_event' || !message.data) return
    this.queue.push(message.data)
    if (this.queue.length > 1) return
    this.frame = requestAnimationFrame(() => this.flush())
    this.later('hidden', HIDDEN_MS, () => this.flush())
  }

  /**
   * The log is silent. Why a stage waits for a worker, a limit or the operator is in no event, and
   * may change at any time; of one at its provider the state says more than its last event.
   */
  private askWhy(): void {
    if (!this.followed || Date.now() - this.readAt < WHY_MS || document.hidden) return
    const statuses = Object.values(this.followed.steps).map((step) => step.status)
    if (statuses.includes('ready') || (this.hasNews && statuses.includes('running'))) this.reread()
  }

  /** Take in what came since the last frame, all at once. */
  private flush(): void {
    if (this.queue.length === 0 || !this.followed) return
    this.hasNews = true
    cancelAnimationFrame(this.frame)
    clearTimeout(this.timers.hidden)
    const events = this.queue
    this.queue = []
    const { lastSeq } = this.followed.run
    this.world.heard?.(events.filter((event) => event.sequence > lastSeq))
    const reading = reduce(this.followed, events)
    this.followed = reading
    this.world.show(reading, reading.done)
    if (reading.inDoubt) this.reread()
    else if (reading.done.length > 0 && !this.timers.reread)
      this.later('reread', REREAD_MS, () => this.reread())
  }

  private retry(problem: unknown): void {
    if (problem) console.error(problem)
    this.world.line('reconnecting')
    const wait = BACK_OFF_MS[Math.min(this.failures, BACK_OFF_MS.length - 1)] ?? 0
    this.failures += 1
    this.hangUp()
    // Not the socket alone: where sockets do not come through at all, the state still is the truth.
    this.later('again', wait * (0.75 + Math.random() / 2), () => this.reread())
  }

  private listen(): void {
    const isSilent = this.socket !== null && Date.now() - this.heardAt > SILENCE_MS
    if (isSilent && this.heardAt > 0) {
      this.hangUp()
      this.reread()
    }
    this.later('silence', SILENCE_MS / 4, () => this.listen())
  }

  /** Let go of the line; `check` asks for another one. */
  hangUp(): void {
    const old = this.socket
    this.socket = null
    old?.close()
  }

  private later(timer: Timer, after: number, act: () => void): void {
    clearTimeout(this.timers[timer])
    this.timers[timer] = setTimeout(() => {
      this.timers[timer] = undefined
      act()
    }, after)
  }
}

type Timer = 'silence' | 'pong' | 'reread' | 'hidden' | 'again'
