/** The run that the page shows, and the earlier ones of this browser. */

import { create } from 'zustand'
import type { GuestRun } from '../../api/schema'
import { isFinal } from '../../run/shared/status'
import { type Answer, type Client, Refused } from './client'
import { forget, type KeptRun, keep, keptRuns } from './storage'

interface Shown {
  run: GuestRun | null
  history: readonly KeptRun[]
  /** The line to the server broke, and is tried again. */
  isLost: boolean
  /** The reason that an answer or a stop was refused. */
  problem: string
}

export const useShown = create<Shown>(() => ({
  run: null,
  history: [],
  isLost: false,
  problem: '',
}))

const AGAIN_MS = 5_000

export class Follower {
  private events: EventSource | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly client: Client) {
    useShown.setState({ history: keptRuns(client.slug) })
  }

  /** Show a run, and follow it to its end. */
  show(run: GuestRun): void {
    this.leave()
    useShown.setState({ isLost: false, problem: '' })
    this.take(run)
    if (!isFinal(run.status)) this.follow(run.id)
  }

  /** Show an earlier run. Rejects where it can't be read now. */
  async open(id: string): Promise<void> {
    try {
      this.show(await this.client.run(id))
    } catch (problem) {
      if (problem instanceof Refused && problem.status === 404) this.lose(id)
      throw problem
    }
  }

  close(): void {
    this.leave()
    useShown.setState({ run: null, problem: '' })
  }

  async stop(): Promise<void> {
    await this.act((id) => this.client.stop(id))
  }

  async answer(question: number, answer: Answer): Promise<void> {
    await this.act((id) => this.client.answer(id, question, answer))
  }

  private async act(ask: (id: string) => Promise<GuestRun>): Promise<void> {
    const { run } = useShown.getState()
    if (!run) return
    useShown.setState({ problem: '' })
    try {
      this.show(await ask(run.id))
    } catch (problem) {
      const { message, status } = problem as Refused
      useShown.setState({ problem: message })
      // What is asked by now.
      if (status === 409) await this.open(run.id).catch(() => {})
    }
  }

  private take(run: GuestRun): void {
    useShown.setState({ run, history: keep(this.client.slug, run) })
  }

  private lose(id: string): void {
    useShown.setState({ history: forget(this.client.slug, id) })
  }

  private follow(id: string): void {
    const events = this.client.events(id)
    this.events = events
    events.addEventListener('run', ({ data }) => {
      useShown.setState({ isLost: false })
      const run = JSON.parse(data) as GuestRun
      this.take(run)
      if (!isFinal(run.status)) return
      // Nothing is left to be tried again.
      useShown.setState({ problem: '' })
      this.leave()
    })
    events.addEventListener('end', () => this.leave())
    events.addEventListener('error', () => {
      // The server closes while it waits for a person, and the browser asks again on its own.
      if (events.readyState !== EventSource.CLOSED) return
      this.leave()
      useShown.setState({ isLost: true })
      this.timer = setTimeout(() => void this.again(id), AGAIN_MS)
    })
  }

  private async again(id: string): Promise<void> {
    try {
      await this.open(id)
    } catch (problem) {
      if ((problem as Refused).status === 404) {
        useShown.setState({ isLost: false, problem: (problem as Refused).message })
      } else this.timer = setTimeout(() => void this.again(id), AGAIN_MS)
    }
  }

  private leave(): void {
    clearTimeout(this.timer)
    this.events?.close()
    this.events = null
  }
}
