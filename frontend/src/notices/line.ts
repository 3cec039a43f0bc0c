/** The line on which one tab hears of new notices: a socket, and while there is none by asking. */

import { Timers } from '../parts/timers'
import type { Standing } from './standing'

const POLL_MS = 20_000
const BACK_OFF_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000]
/** The server speaks at least every 15 seconds. */
const SILENCE_MS = 40_000
/** Signed out, or not allowed: trying again changes nothing. */
const FINAL = new Set([4400, 4401, 4403])

export class NoticeLine {
  private socket: WebSocket | null = null
  private attempts = 0
  private isOpen = false
  private readonly timers = new Timers<'silence' | 'connect' | 'poll'>()

  /** refused: this person may not listen. */
  constructor(
    private readonly told: (standing: Standing) => void,
    private readonly refused: () => void,
  ) {}

  open(): void {
    this.isOpen = true
    this.hurry()
  }

  close(): void {
    this.isOpen = false
    this.timers.clearAll()
    this.hangUp()
  }

  /** Back online: connect at once. */
  hurry(): void {
    this.attempts = 0
    this.connect()
  }

  private connect(): void {
    if (!this.isOpen || this.socket) return
    const address = new URL('/ws/notices', location.href)
    address.protocol = address.protocol.replace('http', 'ws')
    const socket = new WebSocket(address)
    this.socket = socket
    socket.onmessage = ({ data }) => this.hear(data)
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return
      this.hangUp()
      if (FINAL.has(code)) this.refused()
      else this.retry()
    }
  }

  private hear(data: string): void {
    this.timers.set('silence', SILENCE_MS, () => {
      // After a laptop slept, its socket looks open and is not.
      this.hangUp()
      this.retry()
    })
    const { event, unread, notices } = JSON.parse(data) as Standing & { event: string }
    if (event !== 'notices') return
    this.attempts = 0
    this.told({ unread, notices })
  }

  private hangUp(): void {
    const { socket } = this
    this.socket = null
    this.timers.clear('silence')
    socket?.close()
  }

  /** Connect again after a while, and ask until then. */
  private retry(): void {
    const delay = BACK_OFF_MS[Math.min(this.attempts, BACK_OFF_MS.length - 1)] ?? 0
    this.attempts += 1
    this.timers.set('connect', delay * (0.75 + Math.random() / 2), () => this.connect())
    if (!this.timers.has('poll')) this.timers.set('poll', POLL_MS, () => this.poll())
  }

  private async poll(): Promise<void> {
    if (!this.isOpen || this.socket?.readyState === WebSocket.OPEN) return
    try {
      const answer = await fetch('/me/notices/latest', { redirect: 'error' })
      if (answer.ok) {
        const { data } = (await answer.json()) as { data: Standing }
        this.told(data)
      }
    } catch {
      // Asked again at the next turn.
    }
    if (this.isOpen) this.timers.set('poll', POLL_MS, () => this.poll())
  }
}
