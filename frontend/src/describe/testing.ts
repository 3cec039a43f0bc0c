/** Plans, answers of the server and hands, for tests. */

import { act, cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, vi } from 'vitest'
import type { JsonObject, Shot } from '../api/schema'
import { toDocument } from '../document/convert'
import type { Plan, Proposal } from './planTypes'

export function shotOf(text: string, framing = ''): Shot {
  return { text, type: 'shot', framing, seconds: null, uses: '', ask_before: false }
}

const SILENT = { speech: false, lyrics: false, subtitles: false, keep_original: false }
const NO_SOUND_WORDS = { music_words: '', voice_words: '', effect_words: '', spoken: '' }
const NO_STYLE = {
  style: '',
  camera: '',
  transition: '',
  on_the_beat: false,
  on_screen: '',
} as const
const NO_ROWS = { media: [], open_texts: [], edits: [] }
const NO_ONE_ASKED = { repeat: null, choice: null, approves_images: false }

/** A film with music and one shot. */
export function planOf(fields: Partial<Plan> = {}): Plan {
  return {
    title: '',
    kind: 'film',
    shows: 'A lamp',
    language: 'en',
    scenes: [shotOf('A lamp')],
    seconds: 15,
    aspect: '16:9',
    sound: { music: true, ...SILENT, ...NO_SOUND_WORDS },
    ...NO_STYLE,
    ...NO_ROWS,
    ...NO_ONE_ASKED,
    ...fields,
  }
}

export function answerOf(template: JsonObject, more: Partial<Proposal> = {}): Proposal {
  const state = toDocument(template)
  const price = { units: 4, unitsBefore: 4, fitsBudget: null }
  const words = { warnings: [], message: '', changes: [], planner: 'rules' }
  return { template, state, plan: null, ...price, ...words, ...more }
}

interface Asked {
  path: string
  method: string
  body: JsonObject
  signal: AbortSignal
}

/** Answer what each test of a file asks the server, while time waits. Returns what was asked. */
export function serve(answer: (request: Asked) => Response | Promise<Response>): Asked[] {
  const requests: Asked[] = []
  beforeEach(() => {
    vi.useFakeTimers()
    requests.length = 0
    vi.stubGlobal('fetch', async (path: string, { method = 'GET', body, signal }: RequestInit) => {
      const request = { path, method, body: JSON.parse(String(body ?? '{}')) }
      requests.push({ ...request, signal: signal as AbortSignal })
      const response = await answer(requests.at(-1) as Asked)
      signal?.throwIfAborted()
      return response
    })
  })
  afterEach(() => {
    cleanup()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  return requests
}

/** An answer that comes when the test says so. */
export function lateAnswer() {
  let resolve: (answer: Response) => void = () => undefined
  const promise = new Promise<Response>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

export function later(ms = 0) {
  return act(() => vi.advanceTimersByTimeAsync(ms))
}

export function field(name: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(name)
}

export function type(name: string, value: string): void {
  fireEvent.input(field(name), { target: { value } })
}

export function choose(name: string, words: string): void {
  const { options } = screen.getByLabelText<HTMLSelectElement>(name)
  const value = [...options].find(({ text }) => text === words)?.value
  fireEvent.change(field(name), { target: { value } })
}

export function press(name: string | RegExp): void {
  fireEvent.click(screen.getByRole('button', { name }))
}
