/** The view of a picture in the room it is worked on in: fitted, enlarged, moved. Pure. */

import type { Point } from '../../editor/store'

export interface Size {
  readonly width: number
  readonly height: number
}

/** zoom: 1 fits. x, y: how far the middle of the picture is from the middle of the room, in CSS pixels. */
export interface View {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

export const FITTED: View = { zoom: 1, x: 0, y: 0 }
const MOST_ZOOM = 32
/** CSS pixels left free around a fitted picture. */
export const MARGIN = 12

/** CSS pixels per pixel of the picture while it fits. Small pictures are enlarged. */
export function fitScale(picture: Size, room: Size, margin = MARGIN): number {
  const across = (room.width - 2 * margin) / picture.width
  const down = (room.height - 2 * margin) / picture.height
  return Math.max(Math.min(across, down), 1e-3)
}

export function scaleOf(picture: Size, room: Size, view: View, margin = MARGIN): number {
  return fitScale(picture, room, margin) * view.zoom
}

/** Return the place in the room of the picture's top left corner. */
export function cornerOf(picture: Size, room: Size, view: View, margin = MARGIN): Point {
  const scale = scaleOf(picture, room, view, margin)
  return {
    x: room.width / 2 + view.x - (picture.width * scale) / 2,
    y: room.height / 2 + view.y - (picture.height * scale) / 2,
  }
}

/** A place in the room as pixels of the picture, also outside of it. */
export function toPicture(picture: Size, room: Size, view: View, at: Point): Point {
  const corner = cornerOf(picture, room, view)
  const scale = scaleOf(picture, room, view)
  return { x: (at.x - corner.x) / scale, y: (at.y - corner.y) / scale }
}

/** Enlarge by a factor; what lies under `at` stays there. */
export function zoomAt(view: View, factor: number, at: Point, room: Size): View {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), MOST_ZOOM)
  const by = zoom / view.zoom
  const fromMiddle = { x: at.x - room.width / 2, y: at.y - room.height / 2 }
  return {
    zoom,
    x: fromMiddle.x - (fromMiddle.x - view.x) * by,
    y: fromMiddle.y - (fromMiddle.y - view.y) * by,
  }
}

/** Keep a part of the picture in sight, and a fitted one in the middle. */
export function clampView(view: View, picture: Size, room: Size, margin = MARGIN): View {
  if (view.zoom <= 1) return FITTED
  const scale = scaleOf(picture, room, view, margin)
  const most = (length: number, space: number) =>
    Math.max(0, (length * scale - space) / 2 + margin * 4)
  const x = most(picture.width, room.width)
  const y = most(picture.height, room.height)
  return {
    zoom: view.zoom,
    x: Math.min(Math.max(view.x, -x), x),
    y: Math.min(Math.max(view.y, -y), y),
  }
}

export function moveView(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy }
}

/** Return the view after two fingers moved, and spread or pinched around their middle. */
export function pinchView(
  view: View,
  before: readonly [Point, Point],
  after: readonly [Point, Point],
  room: Size,
): View {
  const middle = ([one, other]: readonly [Point, Point]) => ({
    x: (one.x + other.x) / 2,
    y: (one.y + other.y) / 2,
  })
  const apart = ([one, other]: readonly [Point, Point]) =>
    Math.max(1, Math.hypot(one.x - other.x, one.y - other.y))
  const from = middle(before)
  const to = middle(after)
  return zoomAt(
    moveView(view, to.x - from.x, to.y - from.y),
    apart(after) / apart(before),
    to,
    room,
  )
}

/** Move as little as it takes to have a place of the picture in sight. */
export function bringIntoView(view: View, at: Point, picture: Size, room: Size): View {
  const corner = cornerOf(picture, room, view)
  const scale = scaleOf(picture, room, view)
  const past = (place: number, space: number) =>
    Math.min(0, place - MARGIN) + Math.max(0, place + MARGIN - space)
  const dx = past(corner.x + at.x * scale, room.width)
  const dy = past(corner.y + at.y * scale, room.height)
  return dx === 0 && dy === 0 ? view : moveView(view, -dx, -dy)
}
