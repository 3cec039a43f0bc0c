import { expect, test } from 'vitest'
import { BoxIndex, meets } from './boxIndex'
import type { Box } from './geometry'

/** Numbers that look arbitrary and are the same each time. */
function* numbers(): Generator<number> {
  for (let seed = 7; ; seed = (seed * 48_271) % 2_147_483_647) yield seed / 2_147_483_647
}

function boxes(count: number, size: number): [number, Box][] {
  const random = numbers()
  const next = () => random.next().value as number
  return Array.from({ length: count }, (_, at) => [
    at,
    {
      x: (next() - 0.5) * 20_000,
      y: (next() - 0.5) * 20_000,
      width: next() * size,
      height: next() * size,
    },
  ])
}

test.each([
  ['small', 300],
  ['as large as the plane', 20_000],
])('%s boxes are found as by looking at each of them, once and in order', (_, size) => {
  const all = boxes(500, size)
  const index = new BoxIndex(all)
  for (const [, wanted] of [...boxes(40, 4_000), ...boxes(5, 40_000), ...boxes(40, 0)]) {
    const found = index.in(wanted).map(([item]) => item)
    expect(found).toEqual(all.filter(([, box]) => meets(box, wanted)).map(([item]) => item))
  }
})

test('an edge that is shared counts, and a box without a size is a point', () => {
  const index = new BoxIndex([['one', { x: 0, y: 0, width: 10, height: 10 }]])
  const at = (x: number, y: number) => index.in({ x, y, width: 0, height: 0 }).length
  expect([at(10, 10), at(5, 5), at(10.1, 5), at(-0.1, 5)]).toEqual([1, 1, 0, 0])
})
