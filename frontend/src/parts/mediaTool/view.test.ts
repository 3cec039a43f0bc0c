import { describe, expect, it } from 'vitest'
import {
  bringIntoView,
  clampView,
  cornerOf,
  FITTED,
  fitScale,
  moveView,
  pinchView,
  scaleOf,
  toPicture,
  zoomAt,
} from './view'

const PICTURE = { width: 640, height: 320 }
const ROOM = { width: 664, height: 624 }

describe('a picture in its room', () => {
  it('fits with a margin, in the middle', () => {
    expect(fitScale(PICTURE, ROOM)).toBe(1)
    expect(cornerOf(PICTURE, ROOM, FITTED)).toEqual({ x: 12, y: 152 })
    expect(toPicture(PICTURE, ROOM, FITTED, { x: 12, y: 152 })).toEqual({ x: 0, y: 0 })
    expect(fitScale({ width: 1, height: 1 }, ROOM)).toBe(600)
  })

  it('keeps what lies under the pointer where it is while it is enlarged', () => {
    const at = { x: 200, y: 300 }
    const before = toPicture(PICTURE, ROOM, FITTED, at)
    const after = toPicture(PICTURE, ROOM, zoomAt(FITTED, 3, at, ROOM), at)
    expect(after.x).toBeCloseTo(before.x)
    expect(after.y).toBeCloseTo(before.y)
  })

  it('is never smaller than fitted, and never out of sight', () => {
    expect(zoomAt(FITTED, 0.1, { x: 0, y: 0 }, ROOM).zoom).toBe(1)
    const far = clampView(moveView({ zoom: 4, x: 0, y: 0 }, 1e6, -1e6), PICTURE, ROOM)
    const corner = cornerOf(PICTURE, ROOM, far)
    expect(corner.x).toBeLessThan(ROOM.width)
    expect(corner.y + PICTURE.height * scaleOf(PICTURE, ROOM, far)).toBeGreaterThan(0)
    expect(clampView(moveView(FITTED, 50, 50), PICTURE, ROOM)).toEqual(FITTED)
  })

  it('follows two fingers: spread, they enlarge; together, they move', () => {
    const before = [
      { x: 100, y: 100 },
      { x: 200, y: 100 },
    ] as const
    const apart = [
      { x: 50, y: 100 },
      { x: 250, y: 100 },
    ] as const
    expect(pinchView(FITTED, before, apart, ROOM).zoom).toBe(2)
    const aside = [
      { x: 110, y: 130 },
      { x: 210, y: 130 },
    ] as const
    expect(pinchView({ zoom: 2, x: 0, y: 0 }, before, aside, ROOM)).toEqual({
      zoom: 2,
      x: 10,
      y: 30,
    })
  })

  it('moves as little as it takes to show a place', () => {
    const view = { zoom: 4, x: 0, y: 0 }
    expect(bringIntoView(view, { x: 320, y: 160 }, PICTURE, ROOM)).toBe(view)
    const seen = bringIntoView(view, { x: 0, y: 160 }, PICTURE, ROOM)
    expect(cornerOf(PICTURE, ROOM, seen).x).toBeCloseTo(12)
  })
})
