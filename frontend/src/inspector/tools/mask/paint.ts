/** A mask while it is painted, and the canvas that shows it over the picture. */

import type { Point } from '../../../editor/store'
import {
  brush,
  clear,
  fillInside,
  invert,
  type Part,
  polygon,
  rectangle,
  share,
  wholeOf,
} from './plane'
import type { Strokes } from './strokes'
import type { Brush } from './tools'

/** A lasso's points nearer than this, in pixels of the plane, are one. */
const NEAR = 1.5

interface Stroke {
  readonly brush: Brush
  readonly erases: boolean
  readonly radius: number
  readonly points: Point[]
}

export class Paint {
  /** Rises with every change, so that what is shown of it is new. */
  version = 0
  /** Pixels of the picture that the edge is soft to both sides. */
  feather = 0
  private canvas: HTMLCanvasElement | null = null
  private colour = '#ff3d9a'
  private stroke: Stroke | null = null
  private counted = { version: -1, share: 0 }
  private readonly listeners = new Set<() => void>()

  constructor(
    readonly strokes: Strokes,
    /** Pixels of the plane per pixel of the picture. */
    readonly ratio: number,
  ) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  get plane() {
    return this.strokes.plane
  }

  /** The share of the picture that is selected, 0 to 1; as it was before a stroke that goes on. */
  get share(): number {
    if (!this.stroke && this.counted.version !== this.version)
      this.counted = { version: this.version, share: share(this.plane) }
    return this.counted.share
  }

  /** A lasso or a rectangle that is being drawn, in pixels of the picture. */
  get outline(): readonly Point[] {
    const { stroke } = this
    if (!stroke) return []
    const { shape } = stroke.brush
    const whole = ({ x, y }: Point) => ({ x: x / this.ratio, y: y / this.ratio })
    const [first] = stroke.points
    const last = stroke.points.at(-1)
    if (shape === 'lasso') return stroke.points.map(whole)
    return shape === 'rectangle' && first && last ? rectangle(whole(first), whole(last)) : []
  }

  show(canvas: HTMLCanvasElement | null): void {
    this.canvas = canvas
    if (!canvas) return
    canvas.width = this.plane.width
    canvas.height = this.plane.height
    this.draw(wholeOf(this.plane))
  }

  paintIn(colour: string): void {
    if (this.colour === colour) return
    this.colour = colour
    this.draw(wholeOf(this.plane))
  }

  soften(width: number): void {
    this.feather = width
    this.tell()
  }

  down(at: Point, chosen: Brush, erases: boolean, pressure: number): void {
    this.strokes.begin()
    const longer = Math.max(this.plane.width, this.plane.height)
    this.stroke = { brush: chosen, erases, radius: (chosen.size / 2000) * longer, points: [] }
    this.move(at, pressure)
  }

  move(at: Point, pressure: number): void {
    const { stroke, plane } = this
    if (!stroke) return
    const to = { x: at.x * this.ratio, y: at.y * this.ratio }
    const from = stroke.points.at(-1) ?? to
    const { shape } = stroke.brush
    if (shape === 'brush' || shape === 'eraser') {
      const radius = Math.max(0.5, stroke.radius * (0.3 + 1.4 * pressure))
      this.draw(this.strokes.touch(brush(plane, from, to, radius, stroke.erases)))
    }
    const isNear = stroke.points.length > 1 && Math.hypot(to.x - from.x, to.y - from.y) < NEAR
    if (shape === 'lasso' && isNear) return
    stroke.points.push(to)
    this.tell()
  }

  up(): void {
    const { stroke, plane } = this
    this.stroke = null
    if (!stroke) return
    const { shape } = stroke.brush
    const [first] = stroke.points
    const last = stroke.points.at(-1)
    if (shape === 'lasso')
      this.draw(this.strokes.touch(polygon(plane, stroke.points, stroke.erases)))
    if (shape === 'rectangle' && first && last)
      this.draw(this.strokes.touch(polygon(plane, rectangle(first, last), stroke.erases)))
    this.strokes.end()
    this.tell()
  }

  cancel(): void {
    this.stroke = null
    this.draw(this.strokes.cancel())
    this.tell()
  }

  /** Add or take away a rectangle; all in pixels of the picture. */
  region(from: Point, to: Point, erases: boolean): void {
    const { ratio, strokes } = this
    const scale = ({ x, y }: Point) => ({ x: x * ratio, y: y * ratio })
    strokes.begin()
    this.draw(strokes.touch(polygon(this.plane, rectangle(scale(from), scale(to)), erases)))
    strokes.end()
    this.tell()
  }

  readonly clear = () => this.all(clear)
  readonly invert = () => this.all(invert)
  readonly fillInside = () => this.all(fillInside)
  readonly undo = () => this.changed(this.strokes.undo())
  readonly redo = () => this.changed(this.strokes.redo())

  private all(change: (plane: Paint['plane']) => void): void {
    this.changed(this.strokes.all(change))
  }

  private changed(part: Part | null): void {
    this.draw(part)
    this.tell()
  }

  private draw(part: Part | null): void {
    const context = part && this.canvas?.getContext('2d')
    if (!part || !context) return
    const { data, width } = this.plane
    const across = part.right - part.x
    const image = context.createImageData(across, part.bottom - part.y)
    const [red, green, blue] = [1, 3, 5].map((at) =>
      Number.parseInt(this.colour.slice(at, at + 2), 16),
    )
    for (let y = part.y; y < part.bottom; y += 1)
      for (let x = part.x; x < part.right; x += 1) {
        const at = 4 * ((y - part.y) * across + x - part.x)
        image.data[at] = red as number
        image.data[at + 1] = green as number
        image.data[at + 2] = blue as number
        image.data[at + 3] = data[y * width + x] as number
      }
    context.putImageData(image, part.x, part.y)
  }

  private tell(): void {
    this.version += 1
    for (const listener of this.listeners) listener()
  }
}
