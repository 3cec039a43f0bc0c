/** Seeded randomness for tests: ops on few keys, so that targets collide and vanish often. */

import type { Doc, Json, JsonObject, Op, TableName } from '../api/schema'
import { assign, TABLES } from './ops'

/** The same numbers for the same seed, on every machine. */
export class Random {
  constructor(private state: number) {}

  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(share: number): boolean {
    return this.next() < share
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

// Names that an object inherits, numbers that an object sorts, and what a spec can hold.
const KEYS = ['a', 'b', 'c', '2', '10', '__proto__', 'constructor', '~0', 'é', '😀']
const FIELDS = ['x', 'args', 'deep', '1', '__proto__', 'toString']

export function randomKey(random: Random): string {
  return random.pick(KEYS)
}

export function randomValue(random: Random, depth = 2): Json {
  if (depth > 0 && random.chance(0.45)) {
    if (random.chance(0.2))
      return Array.from({ length: random.below(3) }, () => randomValue(random, depth - 1))
    const object: JsonObject = {}
    for (let count = random.below(4); count > 0; count -= 1)
      assign(object, random.pick(FIELDS), randomValue(random, depth - 1))
    return object
  }
  return random.pick<Json>([null, true, false, 0, 1, -2, 0.5, 1e21, '', 'text', '1', 'é\u2028'])
}

export function randomOp(random: Random): Op {
  const table: TableName = random.chance(0.6)
    ? random.pick(['stages', 'nodes'])
    : random.pick(TABLES)
  const isRoot = table === 'root'
  const key = isRoot ? random.pick(['template', 'graph']) : randomKey(random)
  const roll = random.next()
  if (roll < 0.3) {
    const value = random.chance(0.8) ? { args: {}, x: 1 } : randomValue(random)
    if (random.chance(0.5)) return { op: 'put', table, key, value }
    return { op: 'put', table, key, value, after: randomAfter(random) }
  }
  if (roll < 0.4) return { op: 'remove', table, key }
  if (roll < 0.6) return { op: 'order', table, key, after: randomAfter(random) }
  const path = Array.from({ length: 1 + random.below(3) }, () => random.pick(FIELDS))
  if (random.chance(0.25)) return { op: 'set', table, key, path }
  return { op: 'set', table, key, path, value: randomValue(random) }
}

export function randomOps(random: Random, count: number): Op[] {
  return Array.from({ length: count }, () => randomOp(random))
}

function randomAfter(random: Random): string | null {
  return random.chance(0.2) ? null : randomKey(random)
}

/**
 * The value as one text, the same for equal values whatever the order of their fields (RFC 8785).
 * Written by itself so that tests do not judge the code by its own comparison.
 */
export function canonical(value: Json | Doc | Op[]): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item as Json)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = value as JsonObject
  const parts = Object.keys(fields)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(fields[key] as Json)}`)
  return `{${parts.join(',')}}`
}
