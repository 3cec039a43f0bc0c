import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { encodeMask, readMask } from './encode'
import {
  brush,
  clear,
  emptyPlane,
  featherEdges,
  fillInside,
  invert,
  type Plane,
  polygon,
  rectangle,
  rowAt,
  share,
} from './plane'
import { Strokes } from './strokes'

function at(plane: Plane, x: number, y: number): number {
  return plane.data[y * plane.width + x] as number
}

/** How many pixels' worth is chosen. */
function area(plane: Plane): number {
  return share(plane) * plane.width * plane.height
}

describe('painting', () => {
  it('a dab covers the area of its circle, a stroke that of its track', () => {
    const dab = emptyPlane(100, 100)
    brush(dab, { x: 50, y: 50 }, { x: 50, y: 50 }, 20, false)
    expect(area(dab)).toBeCloseTo(Math.PI * 400, -1.5)
    const stroke = emptyPlane(100, 100)
    brush(stroke, { x: 30, y: 50 }, { x: 70, y: 50 }, 10, false)
    expect(area(stroke) / (Math.PI * 100 + 40 * 20)).toBeCloseTo(1, 1)
    expect(at(stroke, 50, 50)).toBe(255)
    expect(at(stroke, 50, 62)).toBe(0)
  })

  it('says what it touched, and nothing outside of the picture', () => {
    const plane = emptyPlane(40, 30)
    const part = brush(plane, { x: 0, y: 0 }, { x: 0, y: 0 }, 5, false)
    expect(part).toEqual({ x: 0, y: 0, right: 6, bottom: 6 })
    expect(brush(plane, { x: 90, y: 90 }, { x: 95, y: 90 }, 5, false)).toBeNull()
  })

  it('an eraser takes away what a brush gave', () => {
    const plane = emptyPlane(60, 60)
    brush(plane, { x: 30, y: 30 }, { x: 30, y: 30 }, 12, false)
    brush(plane, { x: 30, y: 30 }, { x: 30, y: 30 }, 14, true)
    expect(area(plane)).toBe(0)
  })

  it('a rectangle covers exactly its area, also between pixels', () => {
    const plane = emptyPlane(50, 50)
    polygon(plane, rectangle({ x: 10.5, y: 20 }, { x: 30.5, y: 30 }), false)
    expect(area(plane)).toBeCloseTo(200, 0)
    expect(at(plane, 10, 25)).toBe(128)
    expect(at(plane, 11, 25)).toBe(255)
  })

  it('a lasso that is drawn the other way round, or crosses itself, is filled as well', () => {
    const plane = emptyPlane(50, 50)
    polygon(plane, rectangle({ x: 10, y: 10 }, { x: 20, y: 20 }).reverse(), false)
    expect(area(plane)).toBeCloseTo(100, 0)
    const star = [0, 2, 4, 1, 3].map((tip) => ({
      x: 25 + 20 * Math.sin((tip * 2 * Math.PI) / 5),
      y: 25 - 20 * Math.cos((tip * 2 * Math.PI) / 5),
    }))
    const whole = emptyPlane(50, 50)
    polygon(whole, star, false)
    expect(at(whole, 25, 25)).toBe(255)
  })

  it('fills what is enclosed, and nothing that the rim reaches', () => {
    const ring = emptyPlane(40, 40)
    polygon(ring, rectangle({ x: 5, y: 5 }, { x: 35, y: 35 }), false)
    polygon(ring, rectangle({ x: 10, y: 10 }, { x: 30, y: 30 }), true)
    fillInside(ring)
    expect(area(ring)).toBeCloseTo(900, 0)
    const open = emptyPlane(40, 40)
    brush(open, { x: 0, y: 20 }, { x: 20, y: 20 }, 2, false)
    const before = area(open)
    fillInside(open)
    expect(Math.abs(area(open) - before)).toBeLessThan(12)
  })

  it('inverts and clears', () => {
    const plane = emptyPlane(10, 10)
    invert(plane)
    expect(share(plane)).toBe(1)
    clear(plane)
    expect(share(plane)).toBe(0)
  })

  it('softens an edge without moving it', () => {
    const plane = emptyPlane(60, 20)
    polygon(plane, rectangle({ x: 0, y: 0 }, { x: 30, y: 20 }), false)
    const soft = featherEdges(plane, 9)
    expect(at(soft, 29, 10) + at(soft, 30, 10)).toBeGreaterThan(245)
    expect(at(soft, 29, 10) + at(soft, 30, 10)).toBeLessThan(265)
    expect(at(soft, 20, 10)).toBe(255)
    expect(at(soft, 40, 10)).toBe(0)
    expect(at(soft, 33, 10)).toBeGreaterThan(5)
    expect(at(soft, 33, 10)).toBeLessThan(at(soft, 30, 10))
    expect(featherEdges(plane, 0)).toBe(plane)
  })

  it('is told at another size with what lies between mixed', () => {
    const plane = emptyPlane(2, 1)
    plane.data[1] = 200
    const row = new Uint8Array(4)
    rowAt(plane, 1, { width: 4, height: 2 }, row)
    expect([...row]).toEqual([0, 50, 150, 200])
  })
})

describe('taking back', () => {
  it('goes back and forth step by step, and a new stroke ends the way forth', () => {
    const strokes = new Strokes(emptyPlane(40, 40))
    const { plane } = strokes
    const dab = (x: number) => {
      strokes.begin()
      strokes.touch(brush(plane, { x, y: 20 }, { x, y: 20 }, 5, false))
      strokes.end()
    }
    dab(10)
    const one = plane.data.slice()
    dab(30)
    const two = plane.data.slice()
    strokes.undo()
    expect(plane.data).toEqual(one)
    strokes.redo()
    expect(plane.data).toEqual(two)
    strokes.undo()
    strokes.undo()
    expect(share(plane)).toBe(0)
    expect(strokes.canUndo).toBe(false)
    dab(20)
    expect(strokes.canRedo).toBe(false)
  })

  it('a stroke that is given up leaves nothing, and one that changes nothing is no step', () => {
    const strokes = new Strokes(emptyPlane(40, 40))
    strokes.begin()
    strokes.touch(brush(strokes.plane, { x: 9, y: 9 }, { x: 30, y: 9 }, 5, false))
    strokes.cancel()
    expect(share(strokes.plane)).toBe(0)
    strokes.begin()
    strokes.touch(brush(strokes.plane, { x: 9, y: 9 }, { x: 9, y: 9 }, 5, true))
    strokes.end()
    expect(strokes.canUndo).toBe(false)
  })
})

/** What a PNG of ours says: its head, and its rows without their filter bytes. */
async function decoded(blob: Blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  const view = new DataView(bytes.buffer)
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  const colours = bytes[25] === 6 ? 4 : 1
  const length = view.getUint32(33)
  const rows = inflateSync(bytes.subarray(41, 41 + length))
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      for (let part = 0; part < 4; part += 1) {
        const from = y * (1 + width * colours) + 1 + x * colours
        const value = colours === 4 ? rows[from + part] : part === 3 ? 255 : rows[from]
        pixels[(y * width + x) * 4 + part] = value as number
      }
  return { width, height, colours, pixels, end: bytes.subarray(-8, -4) }
}

describe('a mask as a file', () => {
  const plane = emptyPlane(30, 20)
  polygon(plane, rectangle({ x: 5, y: 5 }, { x: 15.5, y: 15 }), false)

  it.each(['hole', 'white'] as const)('is read as it was painted (%s)', async (kind) => {
    const found = await decoded(await encodeMask(plane, plane, kind))
    expect([found.width, found.height, found.colours]).toEqual([30, 20, kind === 'hole' ? 4 : 1])
    expect(String.fromCharCode(...found.end)).toBe('IEND')
    expect(readMask(found.pixels, plane, kind).data).toEqual(plane.data)
  })

  it('is transparent exactly where it is painted', async () => {
    const { pixels } = await decoded(await encodeMask(plane, plane, 'hole'))
    expect(pixels[(10 * 30 + 10) * 4 + 3]).toBe(0)
    expect(pixels[(2 * 30 + 2) * 4 + 3]).toBe(255)
    expect(pixels[(10 * 30 + 15) * 4 + 3]).toBe(127)
  })

  it('has the size of the picture, whatever it was painted at', async () => {
    const { width, height, pixels } = await decoded(
      await encodeMask(plane, { width: 60, height: 40 }, 'white'),
    )
    expect([width, height]).toEqual([60, 40])
    const chosen = pixels.filter((_, place) => place % 4 === 0).reduce((sum, one) => sum + one, 0)
    expect(chosen / 255 / 4).toBeCloseTo(area(plane), -1)
  })

  it('of someone else without transparency is read by its light', () => {
    const pixels = new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255])
    expect([...readMask(pixels, { width: 2, height: 1 }, 'hole').data]).toEqual([255, 0])
  })
})
