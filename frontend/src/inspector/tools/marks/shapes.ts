/**
 * Points and boxes on a picture, as `segment_image` takes them: fractions of the picture from its
 * top left corner, each on the thing that is wanted or off it. Pure.
 */

import type { Json, JsonObject } from '../../../api/schema'
import { isObject } from '../../../document/ops'
import type { Point } from '../../../editor/store'

export interface Mark {
  readonly type: 'point' | 'box'
  /** A point's place; a box's left top corner. Fractions. */
  readonly x: number
  readonly y: number
  /** The size of a box; 0 for a point. */
  readonly width: number
  readonly height: number
  readonly isOff: boolean
}

/** A mark by its number among its kind. */
export interface MarkId {
  readonly type: Mark['type']
  readonly at: number
}

/** A box that is narrower than this was no drag. */
const LEAST = 0.005
const DIGITS = 10_000

/** The marks of an argument; what is none is left out. */
export function readMarks(type: Mark['type'], value: Json | undefined): Mark[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((one): Mark[] => {
    if (!isObject(one)) return []
    const isOff = one.label === 'negative'
    if (type === 'point') {
      const { x, y } = one
      return isFraction(x) && isFraction(y)
        ? [{ type: type, x, y, width: 0, height: 0, isOff }]
        : []
    }
    const { x0, y0, x1, y1 } = one
    if (!isFraction(x0) || !isFraction(y0) || !isFraction(x1) || !isFraction(y1)) return []
    const from = { x: Math.min(x0, x1), y: Math.min(y0, y1) }
    return [{ type: type, ...from, width: Math.abs(x1 - x0), height: Math.abs(y1 - y0), isOff }]
  })
}

/** Return those elements of the argument that are no marks, such as bindings: they are kept. */
export function otherThan(type: Mark['type'], value: Json | undefined): Json[] {
  return Array.isArray(value) ? value.filter((one) => readMarks(type, [one]).length === 0) : []
}

function isFraction(value: Json | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1
}

/** As the argument holds it. */
export function writeMark(mark: Mark): JsonObject {
  const label = mark.isOff ? 'negative' : 'positive'
  if (mark.type === 'point') return { x: roundShare(mark.x), y: roundShare(mark.y), label }
  return {
    x0: roundShare(mark.x),
    y0: roundShare(mark.y),
    x1: roundShare(mark.x + mark.width),
    y1: roundShare(mark.y + mark.height),
    label,
  }
}

function roundShare(value: number): number {
  return Math.round(Math.min(Math.max(value, 0), 1) * DIGITS) / DIGITS
}

export function pointAt({ x, y }: Point, isOff: boolean): Mark {
  return { type: 'point', ...inside({ x, y }), width: 0, height: 0, isOff }
}

/** The box between two places; null: it is too small to have been meant. */
export function boxBetween(from: Point, to: Point, isOff: boolean): Mark | null {
  const one = inside(from)
  const other = inside(to)
  const width = Math.abs(other.x - one.x)
  const height = Math.abs(other.y - one.y)
  if (width < LEAST || height < LEAST) return null
  return {
    type: 'box',
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    width,
    height,
    isOff,
  }
}

/** Moved as far as it stays on the picture. */
export function movedMark(mark: Mark, dx: number, dy: number): Mark {
  return {
    ...mark,
    x: Math.min(Math.max(mark.x + dx, 0), 1 - mark.width),
    y: Math.min(Math.max(mark.y + dy, 0), 1 - mark.height),
  }
}

/** A box with its right bottom corner moved. */
export function stretchMark(mark: Mark, dx: number, dy: number): Mark {
  if (mark.type === 'point') return mark
  return {
    ...mark,
    width: Math.min(Math.max(mark.width + dx, LEAST), 1 - mark.x),
    height: Math.min(Math.max(mark.height + dy, LEAST), 1 - mark.y),
  }
}

function inside({ x, y }: Point): Point {
  return { x: Math.min(Math.max(x, 0), 1), y: Math.min(Math.max(y, 0), 1) }
}

/** "Point 2, included, at 42% and 37%". */
export function markWords(mark: Mark, at: number): string {
  const per = (value: number) => `${Math.round(value * 100)}%`
  const use = mark.isOff ? 'excluded' : 'included'
  if (mark.type === 'point') return `Point ${at + 1}, ${use}, at ${per(mark.x)} and ${per(mark.y)}`
  return `Box ${at + 1}, ${use}, from ${per(mark.x)} and ${per(mark.y)}, ${per(mark.width)} by ${per(mark.height)}`
}
