import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DocumentMessage } from '../api/schema'
import { DocumentSocket, PING_MS, PRESENCE_MS, type SocketOptions } from './socket'

/** The browser's end of a connection, moved by hand. */
class Wire {
  readyState = 0
  sent: string[] = []
  closedWith: number | undefined
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(readonly path: string) {}

  send(text: string): void {
    this.sent.push(text)
  }

  close(code?: number): void {
    this.closedWith = code
  }

  accept(): void {
    this.readyState = 1
    this.onopen?.()
  }

  say(event: unknown): void {
    this.onmessage?.({ data: JSON.stringify(event) })
  }

  drop(code = 1006): void {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

let wires: Wire[]
let heard: DocumentMessage[]
let said: string[]
let rev: number

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  heard = []
  said = []
  rev = 4
})

afterEach(() => {
  vi.useRealTimers()
})

function connected(more: Partial<SocketOptions> = {}): DocumentSocket {
  const socket = new DocumentSocket({
    templateId: 'tpl',
    clientId: 'me',
    rev: () => rev,
    onEvent: (event) => heard.push(event),
    onOpen: () => said.push('open'),
    onClose: (isFinal) => said.push(isFinal ? 'final' : 'lost'),
    connect: (path) => {
      wires.push(new Wire(path))
      return last() as unknown as WebSocket
    },
    random: () => 1,
    ...more,
  })
  socket.open()
  last().accept()
  return socket
}

function last(): Wire {
  return wires.at(-1) as Wire
}

test('connects from my revision, and passes on what it hears', () => {
  connected()
  expect(last().path).toBe('/ws/documents/tpl?after=4&client=me')
  last().say({ event: 'run', id: 'run_1' })
  last().onmessage?.({ data: 'not JSON' })
  expect(heard).toEqual([{ event: 'run', id: 'run_1' }])
})

test('comes back, each time later, from the revision that I have then', () => {
  connected()
  rev = 9
  last().drop()
  expect(said).toEqual(['open', 'lost'])
  vi.advanceTimersByTime(500)
  expect(last().path).toContain('after=9')
  last().drop()
  vi.advanceTimersByTime(999)
  expect(wires.length).toBe(2)
  vi.advanceTimersByTime(1)
  last().accept()
  expect([wires.length, said.at(-1)]).toEqual([3, 'open'])
})

test.each([4401, 4403, 4404, 4423])('does not come back when told %i', (code) => {
  connected()
  last().drop(code)
  vi.advanceTimersByTime(60_000)
  expect([wires.length, said.at(-1)]).toEqual([1, 'final'])
})

test('a line that does not answer is given up', () => {
  connected()
  vi.advanceTimersByTime(PING_MS)
  expect(last().sent).toEqual(['ping'])
  last().say({ event: 'pong', rev: 4 })
  vi.advanceTimersByTime(PING_MS)
  expect(last().sent.length).toBe(2)
  vi.advanceTimersByTime(PING_MS)
  expect([wires[0]?.closedWith, said.at(-1)]).toEqual([4000, 'lost'])
  vi.advanceTimersByTime(500)
  expect(wires.length).toBe(2)
})

test('says where I am at most twenty times a second, and again when it comes back', () => {
  const socket = connected()
  for (let at = 0; at < 100; at += 1) {
    socket.say({ selection: ['a'], cursor: { x: at, y: 0 } })
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(PRESENCE_MS)
  expect(last().sent.length).toBeGreaterThan(15)
  expect(last().sent.length).toBeLessThanOrEqual(22)
  const whole = { presence: { selection: ['a'], cursor: { x: 99, y: 0 } } }
  expect(JSON.parse(last().sent.at(-1) as string)).toEqual(whole)
  last().drop()
  vi.advanceTimersByTime(500)
  last().accept()
  expect(last().sent.map((text) => JSON.parse(text))).toEqual([whole])
})

test('a selection of everything is cut to what the server takes', () => {
  const socket = connected()
  const selection = Array.from({ length: 1_000 }, (_, at) => `stage-with-a-long-name-${at}`)
  socket.say({ selection, cursor: null })
  vi.advanceTimersByTime(PRESENCE_MS)
  expect(last().sent[0]?.length).toBeLessThan(4_096)
})

test('once closed it stays closed', () => {
  const socket = connected()
  const wire = last()
  socket.close()
  expect(wire.closedWith).toBe(1000)
  wire.drop()
  vi.advanceTimersByTime(60_000)
  expect(wires.length).toBe(1)
})
