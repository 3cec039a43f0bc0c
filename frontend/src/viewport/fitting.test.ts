import { expect, it } from 'vitest'
import { type Box, bounds, touches } from '../graph/geometry'
import { fittedView } from './fitting'

const CORNER = { width: 290, height: 178 }
const MARGIN = 48

/** Stages in a row, a column, a grid, and up and down a slope. */
function layouts(): Box[][] {
  const stage = (x: number, y: number) => ({ x: x * 280, y: y * 240, width: 224, height: 206 })
  const lists: Box[][] = []
  for (const count of [1, 2, 3, 5, 8, 13, 24])
    lists.push(
      Array.from({ length: count }, (_, at) => stage(at, 0)),
      Array.from({ length: count }, (_, at) => stage(0, at)),
      Array.from({ length: count }, (_, at) => stage(at % 4, Math.floor(at / 4))),
      Array.from({ length: count }, (_, at) => stage(at, at)),
      Array.from({ length: count }, (_, at) => stage(at, count - at)),
    )
  return lists
}

const SIZES = [600, 760, 900, 1024, 1200, 1440, 1920, 2560].flatMap((width) =>
  [360, 420, 560, 700, 860, 1100, 1400].map((height) => ({ width, height })),
)

it('leaves the corner free and keeps every stage on the screen', () => {
  for (const boxes of layouts())
    for (const size of SIZES) {
      const view = fittedView(boxes, boxes, { ...size, corner: CORNER }, MARGIN, 1)
      if (!view) throw new Error('There is no view.')
      const shown = boxes.map((box) => ({
        x: box.x * view.zoom + view.x,
        y: box.y * view.zoom + view.y,
        width: box.width * view.zoom,
        height: box.height * view.zoom,
      }))
      const around = bounds(shown) as Box
      const where = `${boxes.length} stages on ${size.width} × ${size.height}`
      expect(around.x, where).toBeGreaterThan(0)
      expect(around.y, where).toBeGreaterThan(0)
      expect(around.x + around.width, where).toBeLessThan(size.width)
      expect(around.y + around.height, where).toBeLessThan(size.height)
      const corner = {
        x: size.width - CORNER.width,
        y: size.height - CORNER.height,
        ...CORNER,
      }
      expect(
        shown.some((box) => touches(box, corner)),
        where,
      ).toBe(false)
    }
})

it('shows a graph that is beside the corner as large as without it', () => {
  const box = { x: 0, y: 0, width: 224, height: 206 }
  const screen = { width: 1440, height: 900 }
  const none = { width: 0, height: 0 }
  expect(fittedView([box], [box], { ...screen, corner: CORNER }, MARGIN, 1)).toEqual(
    fittedView([box], [box], { ...screen, corner: none }, MARGIN, 1),
  )
})

it('has none for nothing, or before there is a screen', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 }
  const screen = { width: 900, height: 700, corner: CORNER }
  expect(fittedView([], [], screen, MARGIN, 1)).toBeNull()
  expect(fittedView([box], [box], { ...screen, width: 0 }, MARGIN, 1)).toBeNull()
})
