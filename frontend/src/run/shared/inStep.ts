/** Clips that play together: one leads, the others follow it. */

import { useSyncExternalStore } from 'react'

export interface PlayState {
  readonly time: number
  readonly duration: number
  readonly isPlaying: boolean
}

/** Seconds that a follower may be off before it is set right. */
const LEEWAY = 0.08

export class InStep {
  private lead: HTMLVideoElement | null = null
  private readonly others = new Set<HTMLVideoElement>()
  private readonly listeners = new Set<() => void>()
  private state: PlayState = { time: 0, duration: 0, isPlaying: false }
  private frame = 0

  /** A clip that is there; what is returned takes it away again. */
  add(video: HTMLVideoElement, leads: boolean): () => void {
    if (leads) this.lead = video
    else this.others.add(video)
    video.currentTime = this.state.time
    const tell = () => this.tell()
    const names = ['loadedmetadata', 'play', 'pause', 'seeked', 'ended'] as const
    if (leads) for (const name of names) video.addEventListener(name, tell)
    return () => {
      for (const name of names) video.removeEventListener(name, tell)
      if (this.lead === video) this.lead = null
      this.others.delete(video)
      cancelAnimationFrame(this.frame)
    }
  }

  readonly toggle = () => {
    const { lead } = this
    if (!lead) return
    if (lead.paused) {
      if (lead.ended) this.seek(0)
      for (const video of this.all()) void video.play().catch(() => undefined)
    } else for (const video of this.all()) video.pause()
  }

  seek(time: number): void {
    for (const video of this.all())
      video.currentTime = Math.min(time, Number.isFinite(video.duration) ? video.duration : time)
    this.tell()
  }

  useState(): PlayState {
    return useSyncExternalStore(this.subscribe, () => this.state)
  }

  private readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private all(): HTMLVideoElement[] {
    return [...(this.lead ? [this.lead] : []), ...this.others]
  }

  private tell(): void {
    const { lead } = this
    if (!lead) return
    const isPlaying = !lead.paused && !lead.ended
    for (const other of this.others) {
      if (
        Math.abs(other.currentTime - lead.currentTime) > LEEWAY &&
        lead.currentTime < other.duration
      )
        other.currentTime = lead.currentTime
      if (!isPlaying) other.pause()
    }
    const duration = Number.isFinite(lead.duration) ? lead.duration : 0
    this.state = { time: lead.currentTime, duration, isPlaying }
    for (const listener of this.listeners) listener()
    cancelAnimationFrame(this.frame)
    if (isPlaying) this.frame = requestAnimationFrame(() => this.tell())
  }
}
