/** Runs of this browser, and its name. Where nothing can be stored, it holds until the page is left. */

import type { GuestRun, RunStatus } from '../../api/schema'

/** first: the first result, once there is one. */
export interface KeptRun {
  readonly id: string
  readonly at: string
  readonly status: RunStatus
  readonly first: { readonly kind: string; readonly url: string; readonly words: string } | null
}

const MOST = 20
const GUEST = 'app.guest'
const memory = new Map<string, string>()

export function keptRuns(slug: string): readonly KeptRun[] {
  try {
    const runs: unknown = JSON.parse(load(runsOf(slug)) ?? '[]')
    return Array.isArray(runs) ? runs : []
  } catch {
    return []
  }
}

/** Keep a run as it is now: in its place, or before all others. */
export function keep(slug: string, run: GuestRun): readonly KeptRun[] {
  const row: KeptRun = { id: run.id, at: run.createdAt, status: run.status, first: firstOf(run) }
  const before = keptRuns(slug)
  const isKnown = before.some(({ id }) => id === run.id)
  const runs = isKnown ? before.map((one) => (one.id === run.id ? row : one)) : [row, ...before]
  return store(slug, runs.slice(0, MOST))
}

export function forget(slug: string, id: string): readonly KeptRun[] {
  return store(
    slug,
    keptRuns(slug).filter((one) => one.id !== id),
  )
}

/** Return the name of this browser, by which its runs can be counted. */
export function guestId(): string {
  const id = load(GUEST)
  if (id) return id
  const fresh = randomId()
  write(GUEST, fresh)
  return fresh
}

/** Pages that came over plain http have no `crypto.randomUUID`. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function firstOf({ outputs }: GuestRun): KeptRun['first'] {
  for (const { files, text, label } of outputs) {
    const [file] = files
    if (file) return { kind: file.kind, url: file.url, words: label }
    if (text) return { kind: 'text', url: '', words: text.slice(0, 80) }
  }
  return null
}

function runsOf(slug: string): string {
  return `app.${slug}.runs`
}

function store(slug: string, runs: readonly KeptRun[]): readonly KeptRun[] {
  write(runsOf(slug), JSON.stringify(runs))
  return runs
}

function load(name: string): string | null {
  try {
    return localStorage.getItem(name) ?? memory.get(name) ?? null
  } catch {
    return memory.get(name) ?? null
  }
}

function write(name: string, text: string): void {
  memory.set(name, text)
  try {
    localStorage.setItem(name, text)
  } catch {
    // A frame on another site may have no storage, and a full one takes no more.
  }
}
