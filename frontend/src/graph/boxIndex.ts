/** Finds boxes by where they are: a uniform grid, each box in every cell that it touches. */

import type { Box } from './geometry'

/** About a stage with the room around it. */
const STAGE = 320
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

  /** cell: how wide and high one of the grid is, about as large as most boxes. */
  constructor(
    boxes: Iterable<readonly [Item, Box]>,
    private readonly cell = STAGE,
  ) {
    for (const [item, box] of boxes) {
      const rank = this.entries.push({ item, box, met: 0 }) - 1
      this.ranks.set(item, rank)
      const span = this.spanOf(box)
      if (countOf(span) > MOST_CELLS) this.large.push(rank)
      else
        for (const cell of cellsIn(span)) {
          const there = this.cells.get(cell)
          if (there) there.push(rank)
          else this.cells.set(cell, [rank])
        }
    }
  }

  /** List the items that touch a box, its edges included. */
  in(box: Box): (readonly [Item, Box])[] {
    this.searches += 1
    const matches: number[] = []
    const span = this.spanOf(box)
    // Over more cells than there are boxes it is quicker to look at each box.
    if (countOf(span) > this.entries.length) this.collect(this.entries.keys(), box, matches)
    else {
      this.collect(this.large, box, matches)
      for (const cell of cellsIn(span)) this.collect(this.cells.get(cell) ?? [], box, matches)
      matches.sort((one, other) => one - other)
    }
    return matches.map((rank) => {
      const { item, box: own } = this.entries[rank] as Entry<Item>
      return [item, own] as const
    })
  }

  /** The place of an item in the order. */
  rankOf(item: Item): number {
    return this.ranks.get(item) ?? -1
  }

  /** The cells of a box, the first and the last of each row and column. */
  private spanOf({ x, y, width, height }: Box): Span {
    const { cell } = this
    return {
      left: Math.floor(x / cell),
      top: Math.floor(y / cell),
      right: Math.floor((x + width) / cell),
      bottom: Math.floor((y + height) / cell),
    }
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

/** Return true if two boxes share a point. */
export function meets(one: Box, other: Box): boolean {
  return (
    one.x <= other.x + other.width &&
    other.x <= one.x + one.width &&
    one.y <= other.y + other.height &&
    other.y <= one.y + one.height
  )
}

interface Span {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

function countOf({ left, top, right, bottom }: Span): number {
  return (right - left + 1) * (bottom - top + 1)
}

function* cellsIn({ left, top, right, bottom }: Span): Generator<number> {
  for (let row = top; row <= bottom; row += 1)
    for (let column = left; column <= right; column += 1)
      // One number for two, each between -32768 and 32767.
      yield (column + 32_768) * 65_536 + row + 32_768
}
