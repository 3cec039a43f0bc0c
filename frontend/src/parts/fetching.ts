/**
 * Code that comes after the first load. It is fetched when the page has nothing better to do, so
 * that a while after the document opened everything is here and works offline.
 */

/** The state of code that is fetched. A new object whenever that changes. */
export interface Fetched<M> {
  readonly module: M | null
  /** The number of times that it could not be fetched. */
  readonly failures: number
  readonly isComing: boolean
}

const parts = new Set<Deferred<unknown>>()
/** Milliseconds that a busy page may keep the rest from being fetched. */
const IDLE_MS = 1_000
/** Milliseconds to wait where no browser says that the page is idle. */
const LATER_MS = 300

/**
 * A module that is fetched once, by the one who asks first, and asked for again where that failed:
 * at the same address, for other modules are in the same file and each may be there only once.
 * Older browsers remember a failure until the page is reloaded.
 */
export class Deferred<M> {
  now: Fetched<M> = { module: null, failures: 0, isComing: false }
  private coming: Promise<M> | null = null
  private readonly listeners = new Set<() => void>()

  constructor(private readonly load: () => Promise<M>) {
    parts.add(this)
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** The module. Rejects when it cannot be fetched now; the next call tries again. */
  readonly get = (): Promise<M> => {
    if (this.now.module) return Promise.resolve(this.now.module)
    if (!this.coming) {
      this.tell({ isComing: true })
      this.coming = this.load().then(
        (module) => {
          this.tell({ module, isComing: false })
          return module
        },
        (error) => {
          this.coming = null
          this.tell({ failures: this.now.failures + 1, isComing: false })
          throw error
        },
      )
    }
    return this.coming
  }

  /** Ask for it, and say whether it came. */
  readonly arrives = (): Promise<boolean> =>
    this.get().then(
      () => true,
      () => false,
    )

  private tell(news: Partial<Fetched<M>>): void {
    this.now = { ...this.now, ...news }
    for (const listener of this.listeners) listener()
  }
}

/** Fetch everything that is not here yet once the page is idle, and what failed when online. */
export function fetchWhenIdle(): void {
  addEventListener('online', () => void fetchRest())
  const fetchNow = () => void fetchRest()
  if (typeof requestIdleCallback === 'function') requestIdleCallback(fetchNow, { timeout: IDLE_MS })
  else setTimeout(fetchNow, LATER_MS)
}

/** Fetch what is not here yet, and what that asks for in turn. */
export async function fetchRest(): Promise<void> {
  const attempts = new Set<Deferred<unknown>>()
  for (;;) {
    const missing = [...parts].filter((late) => late.now.module === null && !attempts.has(late))
    // One goes ahead, rather one that never failed: where the server cannot be reached, the others
    // are not asked for in vain.
    const [first, ...others] = missing.sort((one, two) => one.now.failures - two.now.failures)
    if (!first) return
    for (const late of missing) attempts.add(late)
    if (!(await first.arrives())) return
    await Promise.all(others.map((late) => late.arrives()))
  }
}
