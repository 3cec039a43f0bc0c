/**
 * A mask as it is painted: how much of each pixel is chosen, 0 to 255. Painting changes it in place
 * and says which part it touched. Pure: no page, no canvas.
 */

import type { Point } from '../../../editor/store'
import type { Size } from '../../../parts/mediaTool/view'

export interface Plane extends Size {
  readonly data: Uint8Array
}

/** Whole pixels: from x, y up to but without right, bottom. */
export interface Part {
  readonly x: number
  readonly y: number
  readonly right: number
  readonly bottom: number
}

const FULL = 255
/** Lines that each pixel's is divided into where a shape's rim crosses it. */
const FINE = 4

export function emptyPlane(width: number, height: number): Plane {
  return { width, height, data: new Uint8Array(width * height) }
}

/** The pixels of a plane that lie between these bounds; null: none do. */
export function partWithin(
  plane: Size,
  left: number,
  top: number,
  right: number,
  bottom: number,
): Part | null {
  const part = {
    x: Math.max(0, Math.floor(left)),
    y: Math.max(0, Math.floor(top)),
    right: Math.min(plane.width, Math.ceil(right)),
    bottom: Math.min(plane.height, Math.ceil(bottom)),
  }
  return part.x < part.right && part.y < part.bottom ? part : null
}

export function wholeOf(plane: Size): Part {
  return { x: 0, y: 0, right: plane.width, bottom: plane.height }
}

export function joinParts(one: Part | null, other: Part | null): Part | null {
  if (!one || !other) return one ?? other
  return {
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  }
}

/** Copy the values of a part, row after row. */
export function copyOf(plane: Plane, part: Part): Uint8Array {
  const width = part.right - part.x
  const copy = new Uint8Array(width * (part.bottom - part.y))
  for (let y = part.y; y < part.bottom; y += 1) {
    const from = y * plane.width + part.x
    copy.set(plane.data.subarray(from, from + width), (y - part.y) * width)
  }
  return copy
}

export function putBack(plane: Plane, part: Part, copy: Uint8Array): void {
  const width = part.right - part.x
  for (let y = part.y; y < part.bottom; y += 1) {
    const from = (y - part.y) * width
    plane.data.set(copy.subarray(from, from + width), y * plane.width + part.x)
  }
}

/** Draw with a round brush from one place to another. Its rim is one pixel soft. */
export function brush(
  plane: Plane,
  from: Point,
  to: Point,
  radius: number,
  erases: boolean,
): Part | null {
  const reach = radius + 1
  const part = partWithin(
    plane,
    Math.min(from.x, to.x) - reach,
    Math.min(from.y, to.y) - reach,
    Math.max(from.x, to.x) + reach,
    Math.max(from.y, to.y) + reach,
  )
  if (!part) return null
  const across = to.x - from.x
  const down = to.y - from.y
  const length = across * across + down * down
  for (let y = part.y; y < part.bottom; y += 1)
    for (let x = part.x; x < part.right; x += 1) {
      const dx = x + 0.5 - from.x
      const dy = y + 0.5 - from.y
      const along = length > 0 ? Math.min(1, Math.max(0, (dx * across + dy * down) / length)) : 0
      const away = Math.hypot(dx - along * across, dy - along * down)
      const amount = Math.min(1, Math.max(0, radius - away + 0.5))
      if (amount > 0) cover(plane.data, y * plane.width + x, amount * FULL, erases)
    }
  return part
}

/** Fill what a line around encloses, closed by its ends; where it crosses itself, all of it. */
export function polygon(plane: Plane, points: readonly Point[], erases: boolean): Part | null {
  if (points.length < 3) return null
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] as const
  const part = partWithin(plane, ...bounds)
  if (!part) return null
  const width = part.right - part.x
  const amounts = new Float32Array(width)
  for (let y = part.y; y < part.bottom; y += 1) {
    amounts.fill(0)
    for (let fine = 0; fine < FINE; fine += 1) {
      const spans = insideAt(points, y + (fine + 0.5) / FINE)
      for (const [from, to] of spans) spread(amounts, from - part.x, to - part.x, 1 / FINE)
    }
    for (let x = 0; x < width; x += 1) {
      const amount = Math.min(1, amounts[x] as number)
      if (amount > 0) cover(plane.data, y * plane.width + part.x + x, amount * FULL, erases)
    }
  }
  return part
}

export function rectangle(from: Point, to: Point): Point[] {
  return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }]
}

/** List the spans of a level line that are inside, by winding, from left to right. */
function insideAt(points: readonly Point[], y: number): [number, number][] {
  const crossings: { x: number; by: number }[] = []
  points.forEach((from, at) => {
    const to = points[(at + 1) % points.length] as Point
    if (from.y <= y === to.y <= y) return
    const x = from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x)
    crossings.push({ x, by: to.y > from.y ? 1 : -1 })
  })
  crossings.sort((one, other) => one.x - other.x)
  const spans: [number, number][] = []
  let winding = 0
  let start = 0
  for (const { x, by } of crossings) {
    if (winding === 0) start = x
    winding += by
    if (winding === 0) spans.push([start, x])
  }
  return spans
}

/** Add a stretch to a row, pixels at its ends as far as they lie in it. */
function spread(amounts: Float32Array, from: number, to: number, weight: number): void {
  const start = Math.max(0, from)
  const end = Math.min(amounts.length, to)
  for (let x = Math.floor(start); x < end; x += 1) {
    const part = Math.min(end, x + 1) - Math.max(start, x)
    if (part > 0) amounts[x] = (amounts[x] as number) + part * weight
  }
}

function cover(data: Uint8Array, at: number, amount: number, erases: boolean): void {
  const before = data[at] as number
  const next = Math.round(amount)
  if (erases) data[at] = Math.min(before, FULL - next)
  else if (next > before) data[at] = next
}

export function clear(plane: Plane): void {
  plane.data.fill(0)
}

export function invert(plane: Plane): void {
  const { data } = plane
  for (let at = 0; at < data.length; at += 1) data[at] = FULL - (data[at] as number)
}

/** Choose also what is enclosed: whatever the rim of the picture does not reach past the chosen. */
export function fillInside(plane: Plane): void {
  const { width, height, data } = plane
  const isOutside = new Uint8Array(data.length)
  const waiting: number[] = []
  const visit = (at: number) => {
    if (isOutside[at] || (data[at] as number) > FULL / 2) return
    isOutside[at] = 1
    waiting.push(at)
  }
  for (let x = 0; x < width; x += 1) {
    visit(x)
    visit((height - 1) * width + x)
  }
  for (let y = 0; y < height; y += 1) {
    visit(y * width)
    visit(y * width + width - 1)
  }
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const x = at % width
    if (x > 0) visit(at - 1)
    if (x < width - 1) visit(at + 1)
    if (at >= width) visit(at - width)
    if (at < data.length - width) visit(at + width)
  }
  for (let at = 0; at < data.length; at += 1) if (!isOutside[at]) data[at] = FULL
}

/** Return the share of the picture that is selected, 0 to 1. */
export function share(plane: Plane): number {
  let sum = 0
  for (const value of plane.data) sum += value
  return plane.data.length > 0 ? sum / (plane.data.length * FULL) : 0
}

/** The same with a soft edge, about this many pixels to both sides: three running means. */
export function featherEdges(plane: Plane, width: number): Plane {
  const radius = Math.round(width / 3)
  if (radius < 1) return plane
  const soft = emptyPlane(plane.width, plane.height)
  let from = plane.data
  const between = new Uint8Array(from.length)
  for (let pass = 0; pass < 3; pass += 1) {
    meanAlong(from, between, plane.width, plane.height, 1, plane.width, radius)
    meanAlong(between, soft.data, plane.height, plane.width, plane.width, 1, radius)
    from = soft.data
  }
  return soft
}

/** Running means of `lines` lines of `length`; beyond its ends a line goes on as it ends. */
function meanAlong(
  from: Uint8Array,
  to: Uint8Array,
  length: number,
  lines: number,
  step: number,
  next: number,
  radius: number,
): void {
  const count = 2 * radius + 1
  for (let line = 0; line < lines; line += 1) {
    const start = line * next
    const at = (place: number) =>
      from[start + Math.min(Math.max(place, 0), length - 1) * step] as number
    let sum = 0
    for (let place = -radius; place <= radius; place += 1) sum += at(place)
    for (let place = 0; place < length; place += 1) {
      to[start + place * step] = Math.round(sum / count)
      sum += at(place + radius + 1) - at(place - radius)
    }
  }
}

/** A row of the plane as it is at another size, values between pixels mixed. */
export function rowAt(plane: Plane, y: number, size: Size, into: Uint8Array): void {
  const { width, height, data } = plane
  if (width === size.width && height === size.height) {
    into.set(data.subarray(y * width, (y + 1) * width))
    return
  }
  const down = Math.min(Math.max(((y + 0.5) * height) / size.height - 0.5, 0), height - 1)
  const top = Math.floor(down)
  const bottom = Math.min(top + 1, height - 1)
  const low = down - top
  for (let x = 0; x < size.width; x += 1) {
    const across = Math.min(Math.max(((x + 0.5) * width) / size.width - 0.5, 0), width - 1)
    const first = Math.floor(across)
    const right = Math.min(first + 1, width - 1)
    const far = across - first
    const mix = (line: number) =>
      (data[line * width + first] as number) * (1 - far) +
      (data[line * width + right] as number) * far
    into[x] = Math.round(mix(top) * (1 - low) + mix(bottom) * low)
  }
}
