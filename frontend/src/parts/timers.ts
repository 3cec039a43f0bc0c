/** Timers by name: setting one again takes the place of the one before. */
export class Timers<Name extends string> {
  private readonly running = new Map<Name, ReturnType<typeof setTimeout>>()

  set(name: Name, delayMs: number, act: () => void): void {
    this.clear(name)
    const timer = setTimeout(() => {
      this.running.delete(name)
      act()
    }, delayMs)
    this.running.set(name, timer)
  }

  has(name: Name): boolean {
    return this.running.has(name)
  }

  clear(name: Name): void {
    clearTimeout(this.running.get(name))
    this.running.delete(name)
  }

  clearAll(): void {
    for (const timer of this.running.values()) clearTimeout(timer)
    this.running.clear()
  }
}

const PAUSE_MS = 400

/** Ask once no one has typed for a while. Returns what calls it off. */
export function askAfterPause(ask: (signal: AbortSignal) => Promise<void>): () => void {
  const request = new AbortController()
  const timer = setTimeout(() => void ask(request.signal), PAUSE_MS)
  return () => {
    clearTimeout(timer)
    request.abort()
  }
}
