/**
 * Carries a session's changes to the server and others' back. HTTP is the truth: a change is
 * acknowledged by the answer to its POST, and only then is it no longer kept in the outbox. What the
 * socket says makes it fresher, nothing more.
 */

import { ApiError, Unreachable } from '../api/http'
import type { Change, ChangesAnswer, Opened, Recorded } from '../api/schema'
import type { Api } from './api'
import { sizeOf } from './batching'
import { isKnown } from './ops'
import type { Outbox } from './outbox'
import { Gap, type Session } from './session'

/**
 * The reason that changes don't reach the server. network: no answer. gone: no such template.
 * outdated: this page and the server are of different releases, so only a reload helps.
 */
export type Reason = 'network' | 'signed-out' | 'forbidden' | 'gone' | 'full' | 'busy' | 'outdated'

/**
 * saved: the server has everything. saving: it is on its way. offline: it waits here.
 * isKept: whether what is pending outlives this page; false: this tab must stay open.
 */
export interface SyncStatus {
  state: 'saved' | 'saving' | 'offline'
  pending: number
  isKept: boolean
  reason: Reason | null
}

export interface SyncOptions {
  session: Session
  outbox: Outbox
  api: Api
  templateId: string
  clientId: string
  /** The server refused a change for good; it is out of the session by now. */
  onRejected?: (change: Change, problem: { code: string; message: string }) => void
  /** The document was taken again, with its media and facts. */
  onReloaded?: (opened: Opened) => void
  /** Anyone who tells of `online`, `pagehide` and the like. Default: window and document. */
  events?: EventTarget[]
  random?: () => number
}

export const FLUSH_MS = 300
/** Typing without a pause is sent all the same. */
export const LONGEST_WAIT_MS = 2_000
export const RETRY_MS = 5_000
const LONGEST_RETRY_MS = 30_000
/** So often a server may be too busy before we stop calling that saving. */
const PATIENCE = 3
const MAX_BATCH = 100
const MAX_BATCH_BYTES = 1024 * 1024
/** The server doesn't know ops, or fields of a plan, as a page of its own release sends them. */
const UNREADABLE = 'change.unreadable'
/** Browsers allow 64 KB to all requests that outlive a page. */
const MAX_LAST_BYTES = 48 * 1024

/** The page or the server has ops that the other one doesn't know. */
class Outdated extends Error {
  override readonly name = 'Outdated'
}

export class Sync {
  private readonly session: Session
  private readonly outbox: Outbox
  private readonly api: Api
  private readonly options: SyncOptions
  private readonly listeners = new Set<() => void>()
  private readonly undoers: (() => void)[] = []
  private shown: SyncStatus = { state: 'saved', pending: 0, isKept: true, reason: null }
  private timer: ReturnType<typeof setTimeout> | null = null
  private running: Promise<void> | null = null
  private isStopped = true
  /** The tasks of the next turn: take the document again, read what was missed, send. */
  private isLost = false
  private isBehind = false
  private isDue = false
  private firstUnsentAt: number | null = null
  private reason: Reason | null = null
  private failures = 0
  private batchLimit = MAX_BATCH
  /** Acknowledged in an answer that named revisions we do not have yet. */
  private accepted: ChangesAnswer['accepted'] = []
  private leaving = ''
  /** Ids of what an earlier page left: a reload didn't help if these are unreadable. */
  private inherited: ReadonlySet<string> = new Set()

  constructor(options: SyncOptions) {
    this.options = options
    this.session = options.session
    this.outbox = options.outbox
    this.api = options.api
  }

  get status(): SyncStatus {
    return this.shown
  }

  /** Called when `status` is another. Returns what stops it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Take over what earlier pages left, then keep and carry everything until `stop`. */
  async start(): Promise<void> {
    this.isStopped = false
    const leftover = await this.outbox.takeOver()
    if (this.isStopped) return
    this.inherited = new Set(leftover.pending.map(({ id }) => id))
    this.session.adopt(leftover.pending)
    this.session.importHistory(leftover.history)
    this.undoers.push(
      this.session.subscribe(() => this.changed()),
      this.outbox.onInheritance(({ pending, history }) => {
        this.session.adopt(pending)
        this.session.importHistory(history)
      }),
    )
    for (const target of this.options.events ?? pageEvents()) this.listen(target)
    this.changed()
  }

  /** Sends what it can at once, as the page may be about to go. */
  stop(): void {
    if (this.isStopped) return
    this.sendLast()
    this.isStopped = true
    this.wait(null)
    for (const undo of this.undoers.splice(0)) undo()
  }

  /** Send what is pending now. True: the server has everything. */
  async flush(): Promise<boolean> {
    this.isDue = true
    await this.turn()
    // It may have come to its end just before it could see that more is due.
    if (this.isDue && this.reason === null) await this.turn()
    return this.session.pending.length === 0
  }

  /** A change that the socket told of. */
  hear(recorded: Recorded): void {
    if (recorded.ops.every(isKnown)) this.receive([recorded])
    else this.isBehind = true
    if (this.isBehind) void this.turn()
  }

  /** The socket named the server's revision. A lower one than mine may be old news: asking tells. */
  hearRev(rev: number): void {
    if (rev !== this.session.rev) this.catchUp()
  }

  /** Read what was missed, as after a pause of the socket. */
  catchUp(): void {
    this.isBehind = true
    void this.turn()
  }

  // -- Turns: one request at a time ---------------------------------------------------------------

  private turn(): Promise<void> {
    if (this.isStopped || this.reason === 'outdated') return Promise.resolve()
    this.running ??= this.work().finally(() => {
      this.running = null
      this.tell()
    })
    return this.running
  }

  private async work(): Promise<void> {
    try {
      for (let next = this.next(); next && !this.isStopped; next = this.next()) {
        await next.call(this)
        this.reason = null
        this.tell()
      }
      this.failures = 0
      // Done while this turn went on after a failure, when no pause was waited for.
      if (this.session.pending.length > 0 && this.timer === null) this.wait(FLUSH_MS)
    } catch (error) {
      this.failed(error)
    }
  }

  private next(): (() => Promise<void>) | null {
    if (this.isLost) return this.reload
    if (this.isBehind) return this.read
    return this.isDue && this.session.pending.length > 0 ? this.send : null
  }

  private async send(): Promise<void> {
    const { session } = this
    const { templateId, clientId } = this.options
    let size = 0
    const changes = session.send((change, place) => {
      size += sizeOf(change)
      return place === 0 || (place < this.batchLimit && size <= MAX_BATCH_BYTES)
    })
    // What is done from here on waits for its own pause, so that typing still is one change.
    this.isDue = changes.length < session.pending.length
    this.firstUnsentAt = null
    const base = session.rev
    try {
      this.settle(await this.api.sendChanges(templateId, { clientId, base, changes }), base)
    } catch (error) {
      this.isDue = true
      // A proxy takes less than the server: fewer changes may pass.
      if (error instanceof Unreachable && error.status === 413)
        this.batchLimit = Math.max(1, Math.floor(changes.length / 2))
      if (!(error instanceof ApiError) || ![400, 413, 422].includes(error.status)) throw error
      return this.isolate(changes, error)
    }
    this.batchLimit = MAX_BATCH
    const unsentIds = new Set(session.pending.map(({ id }) => id))
    if (!this.isLost && !this.isBehind && changes.every(({ id }) => unsentIds.has(id)))
      throw new Unreachable("The response didn't include the changes.")
  }

  /** The batch as a whole was refused: find the change it is about, and refuse that alone. */
  private isolate(changes: readonly Change[], { code, message }: ApiError): void {
    if (changes.length > 1) this.batchLimit = Math.floor(changes.length / 2)
    else for (const change of changes) this.reject(change.id, { code, message })
  }

  private settle(answer: ChangesAnswer, base: number): void {
    if (!Number.isInteger(answer?.rev))
      throw new Unreachable("The response didn't come from the server.")
    if (answer.rev < base || answer.missed === null) {
      this.isLost = true
      this.accepted.push(...answer.accepted)
    } else this.receive(answer.missed)
    for (const { id, rev } of answer.accepted) this.session.acknowledge(id, rev)
    for (const { id, code, message } of answer.rejected) {
      if (code === UNREADABLE && !this.inherited.has(id)) throw new Outdated()
      this.reject(id, { code, message })
    }
  }

  private async read(): Promise<void> {
    const since = this.session.rev
    const { rev, changes } = await this.api.changesAfter(this.options.templateId, since)
    this.isBehind = false
    if (rev < since || changes === null) this.isLost = true
    else this.receive(changes)
    if (this.isBehind) {
      // The server's own list has a hole: only the document itself can tell.
      this.isBehind = false
      this.isLost = true
    }
  }

  private async reload(): Promise<void> {
    const answer = await this.api.open(this.options.templateId)
    this.isLost = false
    this.session.reset(answer.state, answer.rev)
    for (const { id, rev } of this.accepted.splice(0)) this.session.acknowledge(id, rev)
    this.options.onReloaded?.(answer)
    // What the socket told meanwhile may be newer than this answer; and what is kept is due.
    this.isBehind = true
    this.isDue = true
  }

  private receive(changes: readonly Recorded[]): void {
    if (!changes.every(({ ops }) => ops.every(isKnown))) throw new Outdated()
    try {
      this.session.receive(changes)
    } catch (error) {
      if (!(error instanceof Gap)) throw error
      this.isBehind = true
    }
  }

  private reject(id: string, problem: { code: string; message: string }): void {
    const change = this.session.reject(id)
    if (change) this.options.onRejected?.(change, problem)
  }

  // -- Failure ------------------------------------------------------------------------------------

  private failed(error: unknown): void {
    this.failures += 1
    this.reason = reasonOf(error)
    if (error instanceof ApiError && error.status === 409) this.isLost = true
    else if (this.reason === 'network' && !(error instanceof Unreachable)) console.error(error)
    const serverDelay = error instanceof ApiError ? (error.retryAfter ?? 0) * 1_000 : 0
    const isFinal = this.reason === 'gone' || this.reason === 'outdated'
    this.wait(isFinal ? null : Math.max(serverDelay, this.retryIn()))
  }

  /** ms. A server that is not there may be back any moment; one that says no needs a person. */
  private retryIn(): number {
    if (this.reason === 'network') return RETRY_MS
    const longest = this.reason === 'busy' ? RETRY_MS : LONGEST_RETRY_MS
    const backoff = Math.min(longest, 1_000 * 2 ** Math.min(this.failures - 1, 10))
    return backoff * (0.5 + (this.options.random ?? Math.random)() / 2)
  }

  // -- When ---------------------------------------------------------------------------------------

  private changed(): void {
    const { pending } = this.session
    void this.outbox.save(pending, this.session.exportHistory()).then(() => this.tell())
    if (pending.length === 0) this.firstUnsentAt = null
    else if (this.reason === null) {
      const now = Date.now()
      this.firstUnsentAt ??= now
      this.wait(Math.min(FLUSH_MS, Math.max(0, this.firstUnsentAt + LONGEST_WAIT_MS - now)))
    }
    this.tell()
  }

  /** Take the next turn in so many ms; null: not at all. */
  private wait(ms: number | null): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    if (ms === null || this.isStopped) return
    this.timer = setTimeout(() => {
      this.timer = null
      void this.flush()
    }, ms)
  }

  private listen(target: EventTarget): void {
    const on = (name: string, act: () => void) => {
      target.addEventListener(name, act)
      this.undoers.push(() => target.removeEventListener(name, act))
    }
    on('online', () => this.resume())
    on('offline', () => {
      this.reason = 'network'
      this.isBehind = true
      this.wait(RETRY_MS)
      this.tell()
    })
    on('pagehide', () => {
      this.sendLast()
      this.outbox.leave()
    })
    // Back from where browsers keep pages that may be returned to.
    on('pageshow', () => void this.outbox.beat())
    on('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.sendLast()
      else if (this.reason !== null) this.resume()
    })
  }

  private resume(): void {
    this.isBehind = true
    void this.flush()
  }

  /** The page may not live to hear the answer: the next one will, by the id of each change. */
  private sendLast(): void {
    const { templateId, clientId } = this.options
    let size = 0
    const changes = this.session.send((change) => {
      size += sizeOf(change)
      return size <= MAX_LAST_BYTES
    })
    const ids = changes.map(({ id }) => id).join()
    if (this.isStopped || ids === '' || ids === this.leaving) return
    this.leaving = ids
    const base = this.session.rev
    this.api
      .sendChanges(templateId, { clientId, base, changes }, { keepalive: true })
      .then((answer) => {
        this.settle(answer, base)
        void this.turn()
      })
      // They are pending still, and kept.
      .catch(() => {})
      .finally(() => {
        this.leaving = ''
      })
  }

  private tell(): void {
    const { shown, reason, outbox } = this
    const pending = this.session.pending.length
    const isOffline = reason !== null && (reason !== 'busy' || this.failures > PATIENCE)
    const isKept = outbox.isDurable
    // What is not written yet must not be called kept: until it is, the last word is.
    const isWriting = isOffline && isKept && !outbox.isWritten
    if (isWriting && shown.state === 'offline' && shown.reason === reason) return
    const state = isOffline && !isWriting ? 'offline' : pending > 0 ? 'saving' : 'saved'
    const status: SyncStatus = { state, pending, isKept, reason }
    if (JSON.stringify(status) === JSON.stringify(shown)) return
    this.shown = status
    for (const listener of [...this.listeners]) listener()
  }
}

function reasonOf(error: unknown): Reason {
  if (error instanceof Outdated) return 'outdated'
  if (!(error instanceof ApiError)) return 'network'
  if (error.status === 401) return 'signed-out'
  if (error.status === 403) return 'forbidden'
  if (error.status === 404) return 'gone'
  if (error.status === 507) return 'full'
  return 'busy'
}

function pageEvents(): EventTarget[] {
  return [window, document]
}
