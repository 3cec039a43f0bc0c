/** The order of stages, and what an edge may not do to it. */

import type { Doc, Op } from '../api/schema'
import { INPUTS, titleOf, type Wiring } from './wiring'
import { listed } from './words'

/**
 * Stage keys in an order in which every stage comes after all it takes something from; else as the
 * document has them. Stages of a circle keep their place.
 */
export function topologicalOrder(wiring: Wiring): string[] {
  const waits = new Map<string, number>()
  const feeds = new Map<string, string[]>()
  const place = new Map<string, number>()
  for (const id of wiring.nodes.keys()) if (id !== INPUTS) place.set(id, place.size)
  for (const id of place.keys()) {
    const sources = sourcesOf(wiring, id).filter((source) => source !== id)
    waits.set(id, sources.length)
    for (const source of sources) {
      const targets = feeds.get(source)
      if (targets) targets.push(id)
      else feeds.set(source, [id])
    }
  }
  const ids = [...place.keys()]
  const order: string[] = []
  const isDone = new Set<string>()
  const take = (id: string): void => {
    const open = [id]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (isDone.has(next)) continue
      isDone.add(next)
      order.push(next)
      for (const target of feeds.get(next) ?? []) {
        const count = (waits.get(target) ?? 1) - 1
        waits.set(target, count)
        // One that was passed over because it waited for this.
        if (count === 0 && (place.get(target) ?? 0) < cursor) open.push(target)
      }
    }
  }
  let cursor = 0
  for (; cursor < ids.length; cursor += 1) {
    const id = ids[cursor] as string
    if (waits.get(id) === 0) take(id)
  }
  for (const id of ids) if (!isDone.has(id)) order.push(id)
  return order
}

/** The stages a stage takes something from, each once. */
export function sourcesOf(wiring: Wiring, id: string): string[] {
  const ids = new Set<string>()
  for (const wire of wiring.into.get(id) ?? []) if (wire.source !== INPUTS) ids.add(wire.source)
  return [...ids]
}

/** All stages a stage needs, directly or not; itself only when it is in a circle. */
export function ancestorsOf(wiring: Wiring, id: string): Set<string> {
  const ids = new Set<string>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const source of sourcesOf(wiring, next))
      if (!ids.has(source)) {
        ids.add(source)
        open.push(source)
      }
  return ids
}

/** All stages that need a stage, directly or not. */
export function descendantsOf(wiring: Wiring, id: string): Set<string> {
  const feeds = new Map<string, Set<string>>()
  for (const wire of wiring.edges) {
    const targets = feeds.get(wire.source)
    if (targets) targets.add(wire.target)
    else feeds.set(wire.source, new Set([wire.target]))
  }
  const ids = new Set<string>()
  const open = [id]
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for (const target of feeds.get(next) ?? [])
      if (!ids.has(target)) {
        ids.add(target)
        open.push(target)
      }
  return ids
}

/** The shortest way along wires from one stage to another, both ends included, or null. */
export function wayBetween(wiring: Wiring, from: string, to: string): string[] | null {
  const next = new Map<string, string>()
  const open = [to]
  for (let at = 0; at < open.length; at += 1) {
    const id = open[at] as string
    if (id === from) {
      const way = [from]
      for (let step = next.get(from); step !== undefined; step = next.get(step)) way.push(step)
      return way
    }
    for (const source of sourcesOf(wiring, id))
      if (source !== to && !next.has(source)) {
        next.set(source, id)
        open.push(source)
      }
  }
  return null
}

/** Return the reason that an edge from source to target would close a circle, or null. */
export function circle(wiring: Wiring, source: string, target: string): string | null {
  if (source === target) return "A stage can't use its own result."
  const way = wayBetween(wiring, target, source)
  if (!way) return null
  const first = titleOf(wiring, target)
  const last = titleOf(wiring, source)
  const between = way.slice(1, -1).map((id) => titleOf(wiring, id))
  const by = between.length > 0 ? ` through ${listed(between)}` : ''
  return `This would make a loop: ${first} already leads to ${last}${by}.`
}

/** Groups of stages that wait for each other, in the order of the document. */
export function circles(wiring: Wiring): string[][] {
  const groups: string[][] = []
  const isGrouped = new Set<string>()
  // Every circle has a wire that points backward.
  for (const wire of wiring.edges) {
    if (!wire.isBackward || isGrouped.has(wire.target)) continue
    const before = ancestorsOf(wiring, wire.target)
    if (!before.has(wire.target)) continue
    const after = descendantsOf(wiring, wire.target)
    const group = [...wiring.nodes.keys()].filter((id) => before.has(id) && after.has(id))
    for (const id of group) isGrouped.add(id)
    groups.push(group)
  }
  return groups
}

/**
 * Moves a stage, and what it needs, before another. [] when it is there already. There must be
 * no way from `target` to `source`.
 */
export function orderBefore(doc: Doc, wiring: Wiring, source: string, target: string): Op[] {
  const { order } = doc.stages
  const end = order.indexOf(target)
  if (end < 0 || order.indexOf(source) < end) return []
  const ancestors = ancestorsOf(wiring, source).add(source)
  const block = order.filter((key, place) => place > end && ancestors.has(key))
  let after = predecessor(doc, target)
  return block.map((key): Op => {
    const op: Op = { op: 'order', table: 'stages', key, after }
    after = key
    return op
  })
}

/** The stage before another in the order, or null. */
export function predecessor(doc: Doc, key: string): string | null {
  return doc.stages.order[doc.stages.order.indexOf(key) - 1] ?? null
}
