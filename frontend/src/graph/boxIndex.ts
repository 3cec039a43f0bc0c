/** Finds boxes by where they are: a uniform grid, each box in every cell that it touches. */

import type { Box } from './geometry'

/** About a stage with the room around it. */
const CELL = 320
/** A box over more cells than this, as that of a long edge, is looked at in every search. */
const MOST_CELLS = 64

interface Entry<Item> {
  readonly item: Item
  readonly box: Box
  /** The search that met it last: what lies in several cells is found once. */
  met: number
}

/** Answers in the order in which the boxes were given. */
export class BoxIndex<Item> {
  private readonly entries: Entry<Item>[] = []
  private readonly ranks = new Map<Item, number>()
  private readonly cells = new Map<number, number[]>()
  private readonly large: number[] = []
  private searches = 0

  constructor(boxes: Iterable<readonly [Item, Box]>) {
    for (const [item, box] of boxes) {
      const rank = this.entries.push({ item, box, met: 0 }) - 1
      this.ranks.set(item, rank)
      if (countOf(box) > MOST_CELLS) this.large.push(rank)
      else
        for (const cell of cellsOf(box)) {
          const there = this.cells.get(cell)
          if (there) there.push(rank)
          else this.cells.set(cell, [rank])
        }
    }
  }

  /** What touches a box, its edges included. */
  in(box: Box): (readonly [Item, Box])[] {
    this.searches += 1
    const found: number[] = []
    // Over more cells than there are boxes it is quicker to look at each box.
    if (countOf(box) > this.entries.length) this.collect(this.entries.keys(), box, found)
    else {
      this.collect(this.large, box, found)
      for (const cell of cellsOf(box)) this.collect(this.cells.get(cell) ?? [], box, found)
      found.sort((one, other) => one - other)
    }
    return found.map((rank) => {
      const { item, box: own } = this.entries[rank] as Entry<Item>
      return [item, own] as const
    })
  }

  /** The place of an item in the order. */
  rankOf(item: Item): number {
    return this.ranks.get(item) ?? -1
  }

  private collect(ranks: Iterable<number>, box: Box, found: number[]): void {
    for (const rank of ranks) {
      const entry = this.entries[rank] as Entry<Item>
      if (entry.met === this.searches) continue
      entry.met = this.searches
      if (meets(entry.box, box)) found.push(rank)
    }
  }
}

/** Whether two boxes share a point. */
export function meets(one: Box, other: Box): boolean {
  return (
    one.x <= other.x + other.width &&
    other.x <= one.x + one.width &&
    one.y <= other.y + other.height &&
    other.y <= one.y + one.height
  )
}

function cellAt(place: number): number {
  return Math.floor(place / CELL)
}

function countOf({ x, y, width, height }: Box): number {
  return (cellAt(x + width) - cellAt(x) + 1) * (cellAt(y + height) - cellAt(y) + 1)
}

function* cellsOf({ x, y, width, height }: Box): Generator<number> {
  const [left, right] = [cellAt(x), cellAt(x + width)]
  for (let row = cellAt(y); row <= cellAt(y + height); row += 1)
    for (let column = left; column <= right; column += 1)
      // One number for two, each between -32768 and 32767.
      yield (column + 32_768) * 65_536 + row + 32_768
}
