/**
 * One person's open document: what the server has ordered, and what it has not acknowledged yet.
 * view = base + pending. No network, no page: sync.ts carries changes, outbox.ts keeps them.
 */

import type { Change, Doc, Json, Op, Recorded } from '../api/schema'
import { collapse, split } from './batching'
import { newId } from './ids'
import { applyAll, keepIdentity, replay, same } from './ops'

export const MAX_UNDO = 1_000
/** Under one merge key, what comes within this time of the last is the same undo step. */
export const BURST_MS = 1_000
const MAX_LABEL = 120

/**
 * One thing that Undo or Redo can do. Never changed in place, so that who stores it sees by
 * identity what is new. seq: unique in a session. at: epoch ms of the deed. changes: ids of the
 * changes it answers for.
 */
export interface Step {
  readonly seq: number
  readonly at: number
  readonly label: string
  readonly ops: readonly Op[]
  readonly changes: readonly string[]
}

/** The steps of undo and redo, which outlive a reload, oldest first. Plain JSON. */
export interface History {
  undo: readonly Step[]
  redo: readonly Step[]
}

export interface DoOptions {
  /** Names the gesture or burst of typing: changes under one key become one undo step. */
  merge?: string
}

/** A change came whose predecessor did not: read the changes after `after`. */
export class Gap extends Error {
  override readonly name = 'Gap'
  constructor(
    readonly after: number,
    readonly got: number,
  ) {
    super(`Revision ${got} came after ${after}.`)
  }
}

export class Session {
  private base: Doc
  private shown: Doc
  private at: number
  private queue: readonly Change[] = []
  /** Ids that the server may have: their ops are fixed. */
  private sent = new Set<string>()
  private known = new Set<string>()
  private steps: History = { undo: [], redo: [] }
  private burst: { key: string; until: number; seq: number } | null = null
  private nextSeq = 1
  private listeners = new Set<() => void>()
  private readonly newId: () => string
  private readonly now: () => number

  constructor(doc: Doc, rev: number, options: { newId?: () => string; now?: () => number } = {}) {
    this.base = doc
    this.shown = doc
    this.at = rev
    this.newId = options.newId ?? newId
    this.now = options.now ?? Date.now
  }

  /** The document as this person sees it. The same object as long as nothing changed. */
  get view(): Doc {
    return this.shown
  }

  /** The last revision taken in. */
  get rev(): number {
    return this.at
  }

  /** The changes that the server has not acknowledged, oldest first. */
  get pending(): readonly Change[] {
    return this.queue
  }

  /** The label of the step that Undo would take back, or null. */
  get canUndo(): string | null {
    return this.steps.undo.at(-1)?.label ?? null
  }

  get canRedo(): string | null {
    return this.steps.redo.at(-1)?.label ?? null
  }

  /** Called after every change of view, pending or history. Returns what stops it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Do one thing, as one undo step. False: it changes nothing, and nothing is kept or sent. */
  do(label: string, ops: readonly Op[], options: DoOptions = {}): boolean {
    const { doc, inverse } = applyAll(this.shown, ops)
    if (doc === this.shown) return false
    this.shown = doc
    const joins = this.joins(options.merge)
    const changes = (joins && this.extendLast(ops)) || this.enqueue(label, ops)
    const undo = this.steps.undo
    const last = undo.at(-1)
    if (joins && last) {
      const back = collapse([...inverse, ...last.ops], { removalsCover: true })
      const step = { ...last, ops: back, changes: [...new Set([...last.changes, ...changes])] }
      this.steps = { undo: [...undo.slice(0, -1), step], redo: [] }
    } else this.steps = { undo: append(undo, this.step(label, inverse, changes)), redo: [] }
    const seq = this.steps.undo.at(-1)?.seq ?? 0
    this.burst = options.merge ? { key: options.merge, until: this.now() + BURST_MS, seq } : null
    this.tell()
    return true
  }

  /** The gesture or burst is over: what follows is a step of its own, even under the same key. */
  endMerge(): void {
    this.burst = null
  }

  /** Take my last step back, on the document as it is now. False: there is none. */
  undo(): boolean {
    return this.travel('undo', 'redo')
  }

  redo(): boolean {
    return this.travel('redo', 'undo')
  }

  /**
   * Take in changes as the server numbered them, mine and others'. Those already taken in are
   * passed over. Throws Gap when one is missing; what came before the gap is then taken in.
   */
  receive(recorded: readonly Recorded[]): void {
    const next: Recorded[] = []
    let missing: number | null = null
    for (const change of [...recorded].sort((one, other) => one.rev - other.rev)) {
      const nextRevision = this.at + next.length + 1
      if (change.rev === nextRevision) next.push(change)
      else if (change.rev > nextRevision) {
        missing = change.rev
        break
      }
    }
    if (next.length > 0) this.take(next)
    if (missing !== null) throw new Gap(this.at, missing)
  }

  /** The server has stored this change under that revision. Receive what it missed before. */
  acknowledge(id: string, rev: number): void {
    // A later revision comes with `receive`: the base must hold it before pending lets go of it.
    if (rev > this.at || !this.queue.some((change) => change.id === id)) return
    this.drop(id)
    this.rebase()
    this.tell()
  }

  /** The server refused this change: as if never done, without its undo step. Returns it. */
  reject(id: string): Change | null {
    const refusedChange = this.queue.find((change) => change.id === id)
    if (!refusedChange) return null
    this.drop(id)
    this.steps = { undo: without(this.steps.undo, id), redo: without(this.steps.redo, id) }
    this.burst = null
    this.rebase()
    this.tell()
    return refusedChange
  }

  /** The first pending changes, up to one that `fits` refuses; nothing is merged into them now. */
  send(fits: (change: Change, place: number) => boolean = () => true): Change[] {
    const end = this.queue.findIndex((change, place) => !fits(change, place))
    const batch = this.queue.slice(0, end < 0 ? undefined : end)
    for (const change of batch) this.sent.add(change.id)
    return batch
  }

  /** Start over from the server's document; what is pending stays. */
  reset(doc: Doc, rev: number): void {
    this.base = doc
    this.at = rev
    this.rebase()
    this.tell()
  }

  /** Take over changes that another page of mine left unsent. They come before my own. */
  adopt(changes: readonly Change[]): void {
    const mine = new Set(this.queue.map((change) => change.id))
    const remaining = changes.filter((change) => !mine.has(change.id) && !this.known.has(change.id))
    if (remaining.length === 0) return
    for (const change of remaining) this.sent.add(change.id)
    this.queue = [...remaining, ...this.queue]
    this.rebase()
    this.tell()
  }

  exportHistory(): History {
    return this.steps
  }

  /** Add the steps of an earlier page, by time. Its redo counts only when I did nothing since. */
  importHistory(history: History): void {
    const { undo, redo } = this.steps
    const isFresh = undo.length === 0 && redo.length === 0
    const both = [...history.undo, ...undo].sort((one, other) => one.at - other.at)
    this.steps = {
      undo: both.slice(-MAX_UNDO).map((step) => ({ ...step, seq: this.nextSeq++ })),
      redo: isFresh
        ? history.redo.slice(-MAX_UNDO).map((step) => ({ ...step, seq: this.nextSeq++ }))
        : redo,
    }
    this.burst = null
    this.tell()
  }

  private take(recorded: readonly Recorded[]): void {
    const ids = new Set(recorded.map((change) => change.id))
    // By the ops, too: what an earlier page left may be older than what it sent under that id.
    const isMineInOrder = recorded.every(({ id, ops }, index) => {
      const mine = this.queue[index]
      return mine?.id === id && same(mine.ops as Json, ops as Json)
    })
    this.base = replay(this.base, recorded)
    this.at += recorded.length
    for (const id of ids) {
      this.known.add(id)
      this.sent.delete(id)
    }
    this.queue = this.queue.filter((change) => !ids.has(change.id))
    if (!isMineInOrder) this.rebase()
    // What I see held them already; the base now is the view, object by object.
    else if (this.queue.length === 0) this.base = this.shown
    this.tell()
  }

  private rebase(): void {
    this.shown = keepIdentity(this.shown, replay(this.base, this.queue))
    if (this.queue.length === 0) this.base = this.shown
  }

  private drop(id: string): void {
    this.queue = this.queue.filter((change) => change.id !== id)
    this.sent.delete(id)
  }

  private travel(from: keyof History, to: keyof History): boolean {
    this.burst = null
    let isDone = false
    // A step without effect was undone by others already: then the one before it is meant.
    for (let step = this.pop(from); step && !isDone; step = isDone ? null : this.pop(from)) {
      const { doc, inverse } = applyAll(this.shown, step.ops)
      isDone = doc !== this.shown
      if (!isDone) continue
      this.shown = doc
      const changes = this.enqueue(step.label, step.ops)
      this.steps = {
        ...this.steps,
        [to]: append(this.steps[to], this.step(step.label, inverse, changes)),
      }
    }
    this.tell()
    return isDone
  }

  private pop(from: keyof History): Step | null {
    const step = this.steps[from].at(-1) ?? null
    this.steps = { ...this.steps, [from]: this.steps[from].slice(0, -1) }
    return step
  }

  private step(label: string, ops: readonly Op[], changes: readonly string[]): Step {
    return { seq: this.nextSeq++, at: this.now(), label, ops, changes }
  }

  /** Return true if a change under this key continues the burst of the last step. */
  private joins(key: string | undefined): boolean {
    return (
      key !== undefined &&
      this.burst?.key === key &&
      this.now() <= this.burst.until &&
      this.steps.undo.at(-1)?.seq === this.burst.seq
    )
  }

  /** Put ops into the last pending change of the burst's step. Null: it was sent, or is full. */
  private extendLast(ops: readonly Op[]): string[] | null {
    const last = this.queue.at(-1)
    if (!last || this.sent.has(last.id) || !this.steps.undo.at(-1)?.changes.includes(last.id))
      return null
    const parts = split(collapse([...last.ops, ...ops]))
    if (parts.length !== 1) return null
    this.queue = [...this.queue.slice(0, -1), { ...last, ops: parts[0] as Op[] }]
    return [last.id]
  }

  /** Queue as one change, or as several where the server would not take one of that size. */
  private enqueue(label: string, ops: readonly Op[]): string[] {
    const short = [...(label.trim() || 'Change')].slice(0, MAX_LABEL).join('')
    const changes = split(ops).map((part) => ({ id: this.newId(), label: short, ops: part }))
    this.queue = [...this.queue, ...changes]
    return changes.map((change) => change.id)
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener()
  }
}

function append(steps: readonly Step[], step: Step): readonly Step[] {
  return [...steps.slice(-(MAX_UNDO - 1)), step]
}

/** Steps without those that answer for the change alone. */
function without(steps: readonly Step[], id: string): readonly Step[] {
  return steps
    .map((step) =>
      step.changes.includes(id)
        ? { ...step, changes: step.changes.filter((change) => change !== id) }
        : step,
    )
    .filter((step) => step.changes.length > 0)
}
