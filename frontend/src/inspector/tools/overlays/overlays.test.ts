import { describe, expect, it } from 'vitest'
import {
  isShownAt,
  kindOf,
  nameOf,
  newOverlay,
  placeOf,
  placingFields,
  readOverlay,
  timeFields,
  timesOf,
  withFields,
} from './overlays'
import {
  type Box,
  boxOf,
  edgesOf,
  growBox,
  growth,
  guidesOf,
  marginOf,
  moveBox,
  PLACES,
  type Placing,
  placingOf,
} from './placing'

const FRAME = { width: 640, height: 360 }
const SIZE = { width: 100, height: 40 }
const REST: Placing = {
  position: 'top-left',
  offsetX: null,
  offsetY: null,
  xPct: null,
  yPct: null,
}
const box = (x: number, y: number): Box => ({ x, y, ...SIZE })

describe('where an overlay is', () => {
  it('is told from its place, with the usual margin', () => {
    expect(marginOf(FRAME)).toBe(14)
    expect(PLACES.map((position) => boxOf({ ...REST, position }, SIZE, FRAME))).toEqual([
      box(14, 14),
      box(270, 14),
      box(526, 14),
      box(270, 160),
      box(14, 306),
      box(270, 306),
      box(526, 306),
    ])
  })

  it('is told from pixels inward, and from per cents of the frame before them', () => {
    const placing: Placing = { ...REST, position: 'bottom-right', offsetX: 30, offsetY: 0 }
    expect(boxOf(placing, SIZE, FRAME)).toEqual(box(510, 320))
    expect(boxOf({ ...placing, xPct: 25 }, SIZE, FRAME)).toEqual(box(110, 320))
    expect(boxOf({ ...placing, xPct: 50, yPct: 50 }, SIZE, FRAME)).toEqual(box(270, 160))
  })

  it('is written from the nearest corner, and in the middle without pixels', () => {
    expect(placingOf(box(30, 20), FRAME)).toEqual({ ...REST, offsetX: 30, offsetY: 20 })
    expect(placingOf(box(500, 300), FRAME)).toEqual({
      ...REST,
      position: 'bottom-right',
      offsetX: 40,
      offsetY: 20,
    })
    expect(placingOf(box(270, 300), FRAME)).toEqual({
      ...REST,
      position: 'bottom-center',
      offsetY: 20,
    })
    expect(placingOf(box(270, 160), FRAME)).toEqual({ ...REST, position: 'center' })
  })

  it('is the same box after it was written, to the pixel', () => {
    for (let x = -20; x <= 560; x += 29)
      for (let y = -10; y <= 330; y += 17) {
        const back = boxOf(placingOf(box(x, y), FRAME), SIZE, FRAME)
        expect(Math.abs(back.x - x)).toBeLessThanOrEqual(0.5)
        expect(Math.abs(back.y - y)).toBeLessThanOrEqual(0.5)
      }
  })
})

describe('a hand', () => {
  it('moves a box as far as the frame goes', () => {
    expect(moveBox(box(10, 10), { x: 5, y: -50 }, FRAME)).toEqual(box(15, 0))
    expect(moveBox(box(10, 10), { x: 9999, y: 9999 }, FRAME)).toEqual(box(540, 320))
    const wide = { x: 0, y: 0, width: 800, height: 40 }
    expect(moveBox(wide, { x: -60, y: 0 }, FRAME).x).toBe(-60)
    expect(moveBox(wide, { x: -900, y: 0 }, FRAME).x).toBe(-160)
  })

  it('makes it larger in its shape, the opposite corner at rest', () => {
    const from = box(100, 100)
    expect(growth(from, 'bottom-right', { x: 300, y: 180 })).toBeCloseTo(2)
    expect(growth(from, 'top-left', { x: 150, y: 120 })).toBeCloseTo(0.5)
    expect(growth(from, 'bottom-right', { x: 0, y: 0 })).toBe(0)
    expect(growBox(from, 'top-left', 2)).toEqual({ x: 0, y: 60, width: 200, height: 80 })
    expect(growBox(from, 'bottom-right', 0.5)).toEqual({ x: 100, y: 100, width: 50, height: 20 })
  })

  it('finds the rim, the middle, the safe area and other boxes to rest on', () => {
    expect(guidesOf(FRAME, [box(200, 100)])).toEqual({
      x: [0, 32, 320, 608, 640, 200, 250, 300],
      y: [0, 18, 180, 342, 360, 100, 120, 140],
    })
    expect(edgesOf(10, 40)).toEqual([10, 30, 50])
  })
})

describe('an overlay', () => {
  it('is read in either spelling, with what the tool fills in', () => {
    const read = readOverlay({ kind: 'text', position: 'top-left', font_size_pct: 9, text: 'Hi' })
    expect(read).toMatchObject({
      fontSizePct: 9,
      color: '#FFFFFF',
      opacity: 1,
      start: 0,
      end: null,
    })
    expect(readOverlay(null)).toMatchObject({ kind: 'text', position: 'center' })
  })

  it('is written field by field: what it does not know it keeps', () => {
    const given = { kind: 'text', text: 'Hi', start_seconds: 1, glow: { strong: true } }
    const placing = placingFields({ ...REST, position: 'top-right', offsetX: 4 })
    expect(withFields(given, { ...placing, ...timeFields({ start: 2, end: 3 }, 5) })).toEqual({
      kind: 'text',
      text: 'Hi',
      glow: { strong: true },
      position: 'top-right',
      offsetX: 4,
      startSeconds: 2,
      endSeconds: 3,
    })
  })

  it('stays until the end when it lasts as long as the clip', () => {
    expect(timeFields({ start: 0, end: 5 }, 5)).toEqual({})
    const overlay = readOverlay({ startSeconds: -2 })
    expect(timesOf(overlay, 5)).toEqual({ start: 3, end: 5 })
    expect([2.9, 3, 5].map((time) => isShownAt(overlay, time, 5))).toEqual([false, true, true])
    expect(isShownAt(readOverlay({ endSeconds: 2 }), 2, 5)).toBe(false)
  })

  it('shows the picture it names, else the next one that no one named', () => {
    const overlays = [
      readOverlay(newOverlay('image', 2)),
      readOverlay({ kind: 'image' }),
      readOverlay(newOverlay('text')),
      readOverlay({ kind: 'image' }),
      readOverlay(newOverlay('clip', 1)),
    ]
    expect(overlays.map((_, at) => placeOf(overlays, at))).toEqual([2, 0, 1, 1, 1])
    expect(overlays.map(kindOf)).toEqual(['image', 'image', 'text', 'image', 'clip'])
    expect(overlays.map(nameOf)).toEqual(['Image', 'Image', 'Your text', 'Image', 'Video'])
  })
})
