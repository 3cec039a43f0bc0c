/**
 * The document's WebSocket: others' changes and presence as they happen. It may come and go: what is
 * missed is read over HTTP, so every `open` after the first means catching up.
 */

import type { DocumentMessage } from '../api/schema'

/** The part of me that others see. cursor: on the canvas, null when it is not there. */
export interface Presence {
  selection: readonly string[]
  cursor: { x: number; y: number } | null
}

export interface SocketOptions {
  templateId: string
  /** The revision I have, asked at each connection. */
  rev: () => number
  clientId: string
  onEvent: (event: DocumentMessage) => void
  /** Connected, first or again: what happened before it is not told here. */
  onOpen?: () => void
  /** Not connected; who else is here is not known. isFinal: this person may not listen. */
  onClose?: (isFinal: boolean, code: number) => void
  /** Default: the browser's, on the page's own host. */
  connect?: (path: string) => WebSocket
  random?: () => number
}

export const PING_MS = 20_000
/** Presence at most 20 times a second. */
export const PRESENCE_MS = 50
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
const MAX_SELECTED = 200
const MAX_SELECTED_BYTES = 3_500
/** The person is suspended, as `core.close_codes` has it. */
export const SUSPENDED = 4423
// Not signed in, not allowed, not there, suspended: trying again changes nothing.
const FINAL = new Set([4400, 4401, 4403, 4404, SUSPENDED])

const encoder = new TextEncoder()

export class DocumentSocket {
  private readonly options: SocketOptions
  private socket: WebSocket | null = null
  private attempts = 0
  private isClosed = false
  private hasAnswered = true
  private retry: ReturnType<typeof setTimeout> | null = null
  private pulse: ReturnType<typeof setInterval> | null = null
  private presence: Presence | null = null
  private saidAt = 0
  private saying: ReturnType<typeof setTimeout> | null = null

  constructor(options: SocketOptions) {
    this.options = options
  }

  /** Connect, and keep connected until `close`. */
  open(): void {
    this.isClosed = false
    if (this.retry !== null) clearTimeout(this.retry)
    this.retry = null
    if (this.socket) return
    const { templateId, clientId, rev } = this.options
    const query = new URLSearchParams({ after: String(rev()), client: clientId })
    const socket = (this.options.connect ?? connectHere)(
      `/ws/documents/${encodeURIComponent(templateId)}?${query}`,
    )
    this.socket = socket
    socket.onopen = () => this.opened(socket)
    socket.onmessage = ({ data }) => this.heard(data)
    socket.onclose = ({ code }) => this.lost(socket, code)
  }

  close(): void {
    this.isClosed = true
    this.rest()
    if (this.retry !== null) clearTimeout(this.retry)
    this.retry = null
    const { socket } = this
    this.socket = null
    socket?.close(1000)
  }

  /** Say what I select and where I point; the last word counts. */
  say(presence: Presence): void {
    this.presence = presence
    if (this.saying !== null) return
    const wait = Math.max(0, this.saidAt + PRESENCE_MS - Date.now())
    this.saying = setTimeout(() => {
      this.saying = null
      this.sayNow()
    }, wait)
  }

  private sayNow(): void {
    if (!this.presence || this.socket?.readyState !== 1) return
    this.saidAt = Date.now()
    this.socket.send(presenceText(this.presence))
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return
    this.hasAnswered = true
    this.pulse = setInterval(() => this.ping(socket), PING_MS)
    this.sayNow()
    this.options.onOpen?.()
  }

  private ping(socket: WebSocket): void {
    // After a laptop slept, its socket looks open and is not. Its own `close` may wait for minutes.
    if (this.hasAnswered) socket.send('ping')
    else {
      socket.close(4000)
      this.lost(socket, 4000)
    }
    this.hasAnswered = false
  }

  private heard(data: unknown): void {
    let event: DocumentMessage
    try {
      event = JSON.parse(String(data)) as DocumentMessage
    } catch {
      return
    }
    // Only what the server says proves that it let us in: it accepts before it looks who comes.
    this.hasAnswered = true
    this.attempts = 0
    if (typeof event?.event === 'string') this.options.onEvent(event)
  }

  private lost(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return
    this.rest()
    this.socket = null
    const isFinal = FINAL.has(code)
    this.options.onClose?.(isFinal, code)
    if (this.isClosed || isFinal) return
    const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.attempts, 10))
    this.attempts += 1
    // Spread out: a server that restarts is not to meet everyone at once.
    const wait = longest * (0.5 + (this.options.random ?? Math.random)() / 2)
    this.retry = setTimeout(() => this.open(), wait)
  }

  private rest(): void {
    if (this.pulse !== null) clearInterval(this.pulse)
    if (this.saying !== null) clearTimeout(this.saying)
    this.pulse = null
    this.saying = null
  }
}

/** As much of a selection as the server takes. */
function presenceText({ selection, cursor }: Presence): string {
  const keys: string[] = []
  let room = MAX_SELECTED_BYTES
  for (const key of selection.slice(0, MAX_SELECTED)) {
    room -= encoder.encode(JSON.stringify(key)).length + 1
    if (room < 0) break
    keys.push(key)
  }
  return JSON.stringify({ presence: { selection: keys, cursor } })
}

function connectHere(path: string): WebSocket {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(`${scheme}//${location.host}${path}`)
}
