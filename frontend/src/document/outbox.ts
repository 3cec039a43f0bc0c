/**
 * One person's work on one template, as this browser keeps it: changes that the server has not
 * acknowledged, and the steps of undo and redo. Kept in IndexedDB, so it outlives the page.
 *
 * Each page writes under an id of its own, and never what belongs to a living page: two tabs of one
 * person cannot lose or double each other's changes. What a dead page left is taken over, by a page
 * that opens later or by one that is open still. A page is alive while it holds the Web Lock of its
 * id; where there are no locks, while its heartbeat is fresh.
 */

import type { Change } from '../api/schema'
import {
  type Database,
  type Owner,
  openDatabase,
  type StoredChange,
  type StoredStep,
} from './indexedDb'
import type { History, Step } from './session'

/** The part of `navigator.locks` that is used here. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    callback: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>
}

export interface Leftover {
  pending: Change[]
  history: History
}

export interface OutboxOptions {
  templateId: string
  userId: string
  clientId: string
  /** null: there is none, as in some private windows. Default: the browser's. */
  indexedDB?: IDBFactory | null
  locks?: Locks | null
  now?: () => number
}

const HEARTBEAT_MS = 5_000
const DEAD_AFTER_MS = 15_000
/** The interval at which to look for pages that opened after this one. */
const LOOK_MS = 10_000
const FORGET_AFTER_MS = 30 * 24 * 3_600_000

type Wanted = { pending: readonly Change[]; history: History }

export class Outbox {
  private readonly scope: string
  private readonly me: string
  private readonly locks: Locks | null
  private readonly now: () => number
  private readonly closing = new AbortController()
  private database: Database | null = null
  private failure: string | null = null
  private watched = new Set<string>()
  private timers: ReturnType<typeof setInterval>[] = []
  private heirs = new Set<(leftover: Leftover) => void>()
  private letGo: () => void = () => {}
  /** The content of IndexedDB under my id: change id → place and change; step key → step. */
  private changes = new Map<string, { place: number; change: Change }>()
  private steps = new Map<string, Step>()
  private wanted: Wanted | null = null
  private writing: Promise<void> | null = null
  private chain: Promise<unknown> = Promise.resolve()

  private constructor(options: OutboxOptions) {
    this.scope = `${options.userId}/${options.templateId}`
    this.me = options.clientId
    this.locks = options.locks === undefined ? browserLocks() : options.locks
    this.now = options.now ?? Date.now
  }

  /** Never fails: without IndexedDB it keeps nothing, and `isDurable` says so. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(options)
    const factory = options.indexedDB === undefined ? browserDatabase() : options.indexedDB
    try {
      if (!factory) throw new Error("This browser doesn't store data for this page.")
      await outbox.holdLock()
      outbox.database = await openDatabase(factory, () => outbox.lose())
      await outbox.beat()
      await outbox.database.forgetBefore(outbox.now() - FORGET_AFTER_MS)
    } catch (error) {
      outbox.fail(error)
    }
    return outbox
  }

  /** True if what was saved last outlives the page. */
  get isDurable(): boolean {
    return this.database !== null && this.failure === null
  }

  /** The reason that nothing is kept, or null. */
  get problem(): string | null {
    return this.failure
  }

  /** True if everything that was given to `save` is written. */
  get isWritten(): boolean {
    return this.isDurable && this.writing === null
  }

  /**
   * Take over the work of dead pages; from now on it is mine. Once, before the first `save`: what
   * that does not name is dropped.
   */
  async takeOver(): Promise<Leftover> {
    const all: Leftover[] = []
    for (const owner of await this.others()) await this.inherit(owner, (left) => all.push(left))
    return joinLeftovers(all)
  }

  /** Called from now on with what a page leaves that dies while this one is open. */
  onInheritance(heir: (leftover: Leftover) => void): () => void {
    this.heirs.add(heir)
    if (this.timers.length === 0) {
      this.every(LOOK_MS, () => this.watch())
      if (!this.locks) this.every(HEARTBEAT_MS, () => this.beat())
      void this.watch()
    }
    return () => {
      this.heirs.delete(heir)
    }
  }

  /** Keep this instead of what was kept before. Resolves when it is written, or cannot be. */
  save(pending: readonly Change[], history: History): Promise<void> {
    this.wanted = { pending, history }
    this.writing ??= this.inTurn(() => this.writeAll()).finally(() => {
      this.writing = null
    })
    return this.writing
  }

  /** The page goes, perhaps to come back. Where locks do not tell, the next one is told so. */
  leave(): void {
    if (!this.locks) this.database?.put('owners', [this.owner(0)]).catch(() => {})
  }

  /** I am alive. */
  async beat(): Promise<void> {
    try {
      await this.database?.put('owners', [this.owner(this.now())])
    } catch (error) {
      this.fail(error)
    }
  }

  /** The editor is closed: what is kept waits for the next page. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer)
    this.timers = []
    this.closing.abort()
    const { database } = this
    this.database = null
    // Without locks an honest goodbye saves the next page the wait for a heartbeat to grow old.
    const goodbye = database?.put('owners', [this.owner(0)]) ?? Promise.resolve()
    goodbye
      .catch(() => {})
      .finally(() => {
        database?.close()
        this.letGo()
      })
  }

  // -- Writing ------------------------------------------------------------------------------------

  /** Writing and taking over go one after the other: each rests on what the last one wrote. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.chain.then(work)
    this.chain = turn.catch(() => {})
    return turn
  }

  private async writeAll(): Promise<void> {
    while (this.wanted) {
      const target = this.wanted
      this.wanted = null
      try {
        await this.write(target)
        if (this.database) this.failure = null
      } catch (error) {
        this.fail(error)
      }
    }
  }

  /** One transaction with what differs from the last. Steps and changes are told by identity. */
  private async write({ pending, history }: Wanted): Promise<void> {
    if (!this.database) return
    const changes = this.placed(pending)
    const steps = new Map<string, Step>()
    for (const stack of ['undo', 'redo'] as const)
      for (const step of history[stack]) steps.set(stepKey(stack, step.seq), step)
    const newChanges: StoredChange[] = []
    for (const [id, entry] of changes)
      if (this.changes.get(id)?.change !== entry.change)
        newChanges.push({ scope: this.scope, client: this.me, id, ...entry })
    const newSteps: StoredStep[] = []
    for (const [key, step] of steps)
      if (this.steps.get(key) !== step) newSteps.push(this.storedStep(key, step))
    await this.database.exchange({
      changes: newChanges,
      steps: newSteps,
      goneChanges: [...this.changes.keys()]
        .filter((id) => !changes.has(id))
        .map((id) => [this.scope, this.me, id]),
      goneSteps: [...this.steps.keys()]
        .filter((key) => !steps.has(key))
        .map((key) => [this.scope, this.me, ...readStepKey(key)]),
    })
    this.changes = changes
    this.steps = steps
  }

  /** Each change with a number that sorts as the list does; those already stored keep theirs. */
  private placed(pending: readonly Change[]): Map<string, { place: number; change: Change }> {
    const places = new Map<string, { place: number; change: Change }>()
    const first = pending.findIndex((change) => this.changes.has(change.id))
    let place = 0
    if (first >= 0) {
      const entry = this.changes.get((pending[first] as Change).id)
      place = (entry?.place ?? 0) - first
    } else for (const entry of this.changes.values()) place = Math.max(place, entry.place + 1)
    for (const change of pending) {
      place = Math.max(place, this.changes.get(change.id)?.place ?? place)
      places.set(change.id, { place, change })
      place += 1
    }
    return places
  }

  private storedStep(key: string, step: Step): StoredStep {
    const [stack, seq] = readStepKey(key)
    return { scope: this.scope, client: this.me, stack, seq, step }
  }

  // -- Other pages --------------------------------------------------------------------------------

  private async others(): Promise<Owner[]> {
    if (!this.database) return []
    try {
      const owners = await this.database.owners(this.scope)
      return owners.filter((owner) => owner.client !== this.me)
    } catch (error) {
      this.fail(error)
      return []
    }
  }

  /** Take what a page left, if it is dead. */
  private async inherit({ client, seen }: Owner, heir: (left: Leftover) => void): Promise<void> {
    if (!this.locks) {
      if (seen < this.now() - DEAD_AFTER_MS) await this.move(client, heir)
      return
    }
    try {
      await this.locks.request(lockName(client), { ifAvailable: true }, async (lock) => {
        if (lock) await this.move(client, heir)
      })
    } catch (error) {
      this.fail(error)
    }
  }

  /** Wait for each living page to die, and take over from it then. */
  private async watch(): Promise<void> {
    const heir = (left: Leftover) => this.announce(left)
    for (const owner of await this.others()) {
      const { client } = owner
      if (!this.locks) await this.inherit(owner, heir)
      else if (!this.watched.has(client)) {
        this.watched.add(client)
        this.locks
          .request(lockName(client), { signal: this.closing.signal }, () => this.move(client, heir))
          // Rejected when this page goes first.
          .catch(() => {})
      }
    }
  }

  private announce(left: Leftover): void {
    const { pending, history } = left
    if (pending.length + history.undo.length + history.redo.length === 0) return
    for (const heir of [...this.heirs]) heir(left)
  }

  /** In one transaction: from the dead page's id to mine, its changes before my own. */
  private move(client: string, heir: (left: Leftover) => void): Promise<void> {
    return this.inTurn(async () => {
      if (!this.database) return
      try {
        const leftover = await this.database.move(this.scope, client, this.me)
        for (const { id, place, change } of leftover.changes)
          this.changes.set(id, { place, change })
        for (const { stack, seq, step } of leftover.steps) this.steps.set(stepKey(stack, seq), step)
        // Before anything else is written: the heir's next `save` must name what was moved.
        heir({
          pending: leftover.changes.map(({ change }) => change),
          history: { undo: stackOf(leftover.steps, 'undo'), redo: stackOf(leftover.steps, 'redo') },
        })
      } catch (error) {
        this.fail(error)
      }
    })
  }

  // -- Being alive --------------------------------------------------------------------------------

  /** Resolves when the lock is held; it is kept until `close`, or until the page dies. */
  private async holdLock(): Promise<void> {
    const { locks } = this
    if (!locks) return
    await new Promise<void>((held, refused) => {
      const hold = new Promise<void>((letGo) => {
        this.letGo = letGo
      })
      const request = locks.request(lockName(this.me), {}, () => {
        held()
        return hold
      })
      request.catch(refused)
    })
  }

  private owner(seen: number): Owner {
    return { scope: this.scope, client: this.me, seen }
  }

  private every(period: number, work: () => Promise<void>): void {
    this.timers.push(setInterval(() => void work(), period))
  }

  /** Another page needs the database in a newer form. */
  private lose(): void {
    this.database = null
    this.fail(new Error('The editor was updated in another tab. Reload this one.'))
  }

  private fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error)
  }
}

function joinLeftovers(all: readonly Leftover[]): Leftover {
  const undo = all.flatMap(({ history }) => history.undo)
  // Redo makes sense only right after the undo: that of the page that was used last.
  const byAge = [...all].sort((one, other) => lastUse(one) - lastUse(other))
  return {
    pending: all.flatMap(({ pending }) => pending),
    history: {
      undo: undo.sort((one, other) => one.at - other.at),
      redo: byAge.at(-1)?.history.redo ?? [],
    },
  }
}

function lastUse({ history: { undo, redo } }: Leftover): number {
  return Math.max(0, ...[undo, redo].map((steps) => steps.at(-1)?.at ?? 0))
}

function stackOf(steps: readonly StoredStep[], stack: keyof History): Step[] {
  return steps.filter((stored) => stored.stack === stack).map(({ step }) => step)
}

function stepKey(stack: keyof History, seq: number): string {
  return `${stack} ${seq}`
}

function readStepKey(key: string): [keyof History, number] {
  const [stack, seq] = key.split(' ') as [keyof History, string]
  return [stack, Number(seq)]
}

function lockName(client: string): string {
  return `reelgraph-editor-${client}`
}

function browserLocks(): Locks | null {
  // Not there on pages without TLS.
  return (globalThis.navigator?.locks as Locks | undefined) ?? null
}

function browserDatabase(): IDBFactory | null {
  try {
    return globalThis.indexedDB ?? null
  } catch {
    return null
  }
}
