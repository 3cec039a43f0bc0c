/** The one tab of a browser that has the line, and passes on what it hears to the others. */

import { NoticeLine } from './line'
import type { Standing } from './standing'

interface Message {
  standing?: Standing
  unread?: number
  /** Ids of notices that a tab shows what they are about. */
  seen?: readonly number[]
  /** A tab that has just opened asks how things are. */
  ask?: true
}

export interface Hearing {
  standing: (standing: Standing) => void
  unread: (count: number) => void
  seen: (ids: readonly number[]) => void
}

export class NoticeTabs {
  private channel: BroadcastChannel | null = null
  private release: (() => void) | null = null
  private last: Standing | null = null
  private readonly line = new NoticeLine(
    (standing) => this.told(standing),
    () => this.stop(),
  )
  /** This tab has the line. */
  isLeading = false

  constructor(private readonly hearing: Hearing) {}

  /** person: the tabs of others, who use the same browser, are none of theirs. */
  start(person: string): void {
    if (this.channel) return
    const lock = `notices ${person}`
    this.channel = new BroadcastChannel(lock)
    this.channel.onmessage = ({ data }: MessageEvent<Message>) => this.hear(data)
    // Without https there are no locks: each tab listens, and there are no notifications anyway.
    if (navigator.locks) this.waitFor(lock)
    else this.lead()
    this.tell({ ask: true })
  }

  stop(): void {
    this.isLeading = false
    this.line.close()
    this.channel?.close()
    this.channel = null
    this.release?.()
    this.release = null
  }

  /** Tell the other tabs. */
  tell(message: Message): void {
    this.channel?.postMessage(message)
  }

  hurry(): void {
    this.line.hurry()
  }

  /** Say again what was heard last. */
  repeat(): void {
    if (this.last) this.hearing.standing(this.last)
  }

  private waitFor(lock: string): void {
    const waiting = new AbortController()
    this.release = () => waiting.abort()
    navigator.locks
      .request(lock, { signal: waiting.signal }, () => {
        this.lead()
        return new Promise<void>((resolve) => {
          this.release = resolve
        })
      })
      .catch(() => {})
  }

  private lead(): void {
    this.isLeading = true
    this.line.open()
  }

  private hear({ standing, unread, seen, ask }: Message): void {
    if (standing) this.take(standing)
    if (unread !== undefined) this.hearing.unread(unread)
    if (seen) this.hearing.seen(seen)
    if (ask && this.isLeading && this.last) this.tell({ standing: this.last })
  }

  private told(standing: Standing): void {
    this.tell({ standing })
    this.take(standing)
  }

  private take(standing: Standing): void {
    this.last = standing
    this.hearing.standing(standing)
  }
}
