/**
 * The place of an overlay: as a box in the clip's pixels, as a hand moves it, and as the tool takes
 * it, which is one of seven places and a number of pixels inward from the rim.
 */

import { clamp } from '../film/time'

export const PLACES = [
  'top-left',
  'top-center',
  'top-right',
  'center',
  'bottom-left',
  'bottom-center',
  'bottom-right',
] as const
export type Place = (typeof PLACES)[number]

export interface Frame {
  readonly width: number
  readonly height: number
}

/** In the clip's pixels, from its top left corner. */
export interface Box extends Frame {
  readonly x: number
  readonly y: number
}

/** The place in the document. null: not set, so that the tool's own margin holds. */
export interface Placing {
  readonly position: Place
  readonly offsetX: number | null
  readonly offsetY: number | null
  /** Its middle, in per cent of the frame, whatever the position says. */
  readonly xPct: number | null
  readonly yPct: number | null
}

export type Column = 'left' | 'center' | 'right'
export type Row = 'top' | 'center' | 'bottom'

export function columnOf(place: Place): Column {
  return place.endsWith('left') ? 'left' : place.endsWith('right') ? 'right' : 'center'
}

export function rowOf(place: Place): Row {
  return place.startsWith('top') ? 'top' : place.startsWith('bottom') ? 'bottom' : 'center'
}

/** Pixels from the rim where nothing else is said: a share of the shorter side. */
export function marginOf({ width, height }: Frame): number {
  return Math.round(Math.min(width, height) * MARGIN)
}
const MARGIN = 0.04

/** The box of something so big that is placed so. */
export function boxOf(placing: Placing, size: Frame, frame: Frame): Box {
  const margin = marginOf(frame)
  const along = (side: Column | Row, room: number, offset: number | null): number => {
    if (side === 'center') return room / 2 + (offset ?? 0)
    const inward = offset ?? margin
    return side === 'left' || side === 'top' ? inward : room - inward
  }
  const middle = (share: number | null, whole: number, own: number): number | null =>
    share === null ? null : (share / 100) * whole - own / 2
  return {
    x:
      middle(placing.xPct, frame.width, size.width) ??
      along(columnOf(placing.position), frame.width - size.width, placing.offsetX),
    y:
      middle(placing.yPct, frame.height, size.height) ??
      along(rowOf(placing.position), frame.height - size.height, placing.offsetY),
    width: size.width,
    height: size.height,
  }
}

/** Nearer to the middle than this, a box is in the middle. Pixels. */
const HALF = 0.5

/** Return a box as the tool takes it: from the nearest corner, or in the middle without offsets. */
export function placingOf(box: Box, frame: Frame): Placing {
  const right = frame.width - box.x - box.width
  const below = frame.height - box.y - box.height
  const isMiddleX = Math.abs(right - box.x) / 2 <= HALF
  const isMiddleY = Math.abs(below - box.y) / 2 <= HALF
  const free = { offsetX: null, offsetY: null, xPct: null, yPct: null }
  if (isMiddleX && isMiddleY) return { ...free, position: 'center' }
  const isTop = box.y <= below
  const isLeft = box.x <= right
  const column: Column = isMiddleX ? 'center' : isLeft ? 'left' : 'right'
  return {
    ...free,
    position: `${isTop ? 'top' : 'bottom'}-${column}`,
    offsetX: isMiddleX ? null : Math.round(isLeft ? box.x : right),
    offsetY: Math.round(isTop ? box.y : below),
  }
}

/** Moved by so much, as far as the frame goes; what is larger may stick out on both sides. */
export function moveBox(box: Box, by: { x: number; y: number }, frame: Frame): Box {
  const roomX = frame.width - box.width
  const roomY = frame.height - box.height
  return {
    ...box,
    x: clamp(box.x + by.x, Math.min(0, roomX), Math.max(0, roomX)),
    y: clamp(box.y + by.y, Math.min(0, roomY), Math.max(0, roomY)),
  }
}

export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right'
export const CORNERS: readonly Corner[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right']

/**
 * Return the factor by which a box grows when one of its corners is taken to a point and the
 * opposite corner stays: as far as the point goes along the diagonal.
 */
export function growth(box: Box, corner: Corner, point: { x: number; y: number }): number {
  const isLeft = corner.endsWith('left')
  const isTop = corner.startsWith('top')
  const anchor = { x: isLeft ? box.x + box.width : box.x, y: isTop ? box.y + box.height : box.y }
  const along = { x: isLeft ? -box.width : box.width, y: isTop ? -box.height : box.height }
  const square = along.x ** 2 + along.y ** 2
  if (square === 0) return 1
  return Math.max(0, ((point.x - anchor.x) * along.x + (point.y - anchor.y) * along.y) / square)
}

/** A box that many times larger, the corner opposite of the taken one where it was. */
export function growBox(box: Box, corner: Corner, times: number): Box {
  const width = box.width * times
  const height = box.height * times
  return {
    x: corner.endsWith('left') ? box.x + box.width - width : box.x,
    y: corner.startsWith('top') ? box.y + box.height - height : box.y,
    width,
    height,
  }
}

/** Share of the frame on each side that some screens cut off. */
export const SAFE = 0.05

/** Lines that boxes come to rest on: the rim, the middle, the safe area, other boxes. */
export function guidesOf(
  frame: Frame,
  others: readonly Box[] = [],
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  const line = (size: number) => [0, size * SAFE, size / 2, size * (1 - SAFE), size]
  return {
    x: [
      ...line(frame.width),
      ...others.flatMap((box) => [box.x, box.x + box.width / 2, box.x + box.width]),
    ],
    y: [
      ...line(frame.height),
      ...others.flatMap((box) => [box.y, box.y + box.height / 2, box.y + box.height]),
    ],
  }
}

/** The three places of a box along an axis that come to rest on guides. */
export function edgesOf(at: number, size: number): number[] {
  return [at, at + size / 2, at + size]
}
