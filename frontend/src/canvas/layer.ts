/** A drawing of the plane that is kept: moved along with the view, only what came into sight is new. */

import type { Box } from '../graph/geometry'
import type { View } from '../viewport/camera'

/** The part a layer shows. width, height: in CSS pixels; ratio: device pixels per CSS pixel. */
export interface Shown {
  readonly view: View
  readonly width: number
  readonly height: number
  readonly ratio: number
}

/** Draw what lies in a box, in device pixels; nothing beside it is kept. */
type Draw = (ink: CanvasRenderingContext2D, part: Box) => void

export class Layer {
  private shown: Shown | null = null

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly ink: CanvasRenderingContext2D,
  ) {}

  /** Draw all of it the next time: its content has changed. */
  forget(): void {
    this.shown = null
  }

  /** Returns whether anything of it is drawn elsewhere or newly. */
  show(next: Shown, draw: Draw): boolean {
    const { width, height } = this.fit(next)
    const by = this.shown && shiftOf(this.shown, next)
    this.shown = next
    if (by && Math.abs(by.x) < width && Math.abs(by.y) < height) {
      if (by.x === 0 && by.y === 0) return false
      this.shift(by.x, by.y)
      for (const part of gapsOf(by, width, height)) this.draw(part, draw)
    } else this.draw({ x: 0, y: 0, width, height }, draw)
    return true
  }

  /** Make it as large as what it shows, in device pixels. */
  private fit({ width, height, ratio }: Shown): { width: number; height: number } {
    const { canvas } = this
    const size = { width: Math.round(width * ratio), height: Math.round(height * ratio) }
    if (canvas.width !== size.width || canvas.height !== size.height) {
      Object.assign(canvas, size)
      this.shown = null
    }
    return size
  }

  private shift(x: number, y: number): void {
    const { ink, canvas } = this
    ink.setTransform(1, 0, 0, 1, 0, 0)
    ink.globalCompositeOperation = 'copy'
    ink.drawImage(canvas, x, y)
    ink.globalCompositeOperation = 'source-over'
  }

  private draw(part: Box, draw: Draw): void {
    const { ink } = this
    ink.save()
    ink.setTransform(1, 0, 0, 1, 0, 0)
    ink.beginPath()
    ink.rect(part.x, part.y, part.width, part.height)
    ink.clip()
    ink.clearRect(part.x, part.y, part.width, part.height)
    draw(ink, part)
    ink.restore()
  }
}

/** Return how far the same drawing moved, in whole device pixels; null when it must be new. */
function shiftOf(before: Shown, next: Shown): { x: number; y: number } | null {
  if (before.view.zoom !== next.view.zoom || before.ratio !== next.ratio) return null
  const x = (next.view.x - before.view.x) * next.ratio
  const y = (next.view.y - before.view.y) * next.ratio
  const whole = { x: Math.round(x), y: Math.round(y) }
  return Math.abs(x - whole.x) + Math.abs(y - whole.y) < 0.001 ? whole : null
}

/** List the parts that a shift leaves empty: a strip at one side, one above or below. */
function gapsOf({ x, y }: { x: number; y: number }, width: number, height: number): Box[] {
  const parts: Box[] = []
  if (x !== 0) parts.push({ x: x > 0 ? 0 : width + x, y: 0, width: Math.abs(x), height })
  if (y !== 0) parts.push({ x: 0, y: y > 0 ? 0 : height + y, width, height: Math.abs(y) })
  return parts
}
