/** The context of a stage's wires besides its own record: the other stages and the inputs. */

import type { Doc, SocketKind, Table } from '../api/schema'
import { own } from '../document/ops'
import { readText } from './bindings'
import { inputsByName } from './documentReaders'
import { type Local, localOf } from './stageReader'
import { numbered } from './titles'
import type { ToolTable } from './tools'

export interface GraphContext {
  /** Input name → key. */
  readonly names: ReadonlyMap<string, string>
  /** Place in the order, of the stages that count. */
  readonly positions: ReadonlyMap<string, number>
  /** Artifact name → places of the stages that produce it. */
  readonly producers: ReadonlyMap<string, readonly number[]>
  /** The reading of each record, independent of the others, in order. */
  readonly local: readonly Local[]
  /** The title of each stage, in order. */
  readonly titles: readonly string[]
}

/** More changed records than these are read with all others. */
const MANY = 50

export function surroundingsOf(doc: Doc, tools: ToolTable): GraphContext {
  const positions = new Map<string, number>()
  const producers = new Map<string, number[]>()
  const ids = new Set<string>()
  const local = doc.stages.order.map((key, position) => {
    const reading = localOf(own(doc.stages.rows, key), tools)
    const { id, makes, type } = reading.stage
    // The second of an id is not read; its node stays, so that it can be fixed.
    const counts = type !== null && !ids.has(id)
    ids.add(id)
    if (!counts) return reading
    positions.set(key, position)
    for (const name of makes) {
      const places = producers.get(name)
      if (places) places.push(position)
      else producers.set(name, [position])
    }
    return reading
  })
  const titles = titlesOf(local)
  return {
    names: inputsByName(doc),
    positions,
    producers,
    local: withPickKinds(local, producers),
    titles,
  }
}

/** Give each pick the kind of the stage it picks from. */
function withPickKinds(
  local: readonly Local[],
  producers: ReadonlyMap<string, readonly number[]>,
): readonly Local[] {
  let next: Local[] | null = null
  for (const [position, reading] of local.entries()) {
    if (reading.stage.select === '') continue
    const from = readText(reading.stage.select)
    if (from.type !== 'ref' || from.root !== 'artifacts') continue
    const maker = (producers.get(from.name) ?? []).findLast((at) => at < position)
    const kind = maker === undefined ? undefined : kindOf((next ?? local)[maker], from.name)
    if (kind === undefined || kind === reading.kind) continue
    next ??= [...local]
    next[position] = { ...reading, kind }
  }
  return next ?? local
}

/**
 * The surroundings after edits that change nothing for other stages, such as typing, with the
 * places of the changed ones; null when everything has to be read. The inputs must be the same.
 */
export function renew(
  around: GraphContext,
  before: Table,
  doc: Doc,
  tools: ToolTable,
): { around: GraphContext; changed: number[] } | null {
  const { order, rows } = doc.stages
  if (order !== before.order && !isSame(order, before.order)) return null
  const changes: number[] = []
  let local: Local[] | null = null
  let isRenamed = false
  for (const [position, key] of order.entries()) {
    const record = own(rows, key)
    if (record === own(before.rows, key)) continue
    const reading = localOf(record, tools)
    const old = around.local[position]
    if (!old || !givesSame(reading, old) || changes.length === MANY) return null
    local ??= [...around.local]
    local[position] = reading
    changes.push(position)
    isRenamed ||= reading.named.title !== old.named.title || reading.named.isOwn !== old.named.isOwn
  }
  if (!local) return { around, changed: changes }
  if (!isRenamed) return { around: { ...around, local }, changed: changes }
  // A title that was given or taken away changes the numbers of others.
  const titles = titlesOf(local)
  const others = titles.flatMap((title, at) => (title === around.titles[at] ? [] : [at]))
  const all = [...new Set([...changes, ...others])].sort((one, other) => one - other)
  return { around: { ...around, local, titles }, changed: all }
}

function titlesOf(local: readonly Local[]): string[] {
  return numbered(local.map((read) => read.named))
}

/** Return true if two readings of a stage are the same to all other stages. */
function givesSame(one: Local, other: Local): boolean {
  return (
    one.kind === other.kind &&
    one.stage.id === other.stage.id &&
    one.stage.type === other.stage.type &&
    one.stage.select === '' &&
    isSame(one.stage.makes, other.stage.makes) &&
    givesSameKinds(one.inside, other.inside)
  )
}

function givesSameKinds(one: Local['inside'], other: Local['inside']): boolean {
  const kindsOf = (inside: Local['inside']) =>
    inside ? [...inside.kinds, ...[...inside.makes].flat()] : []
  return one === other || isSame(kindsOf(one), kindsOf(other))
}

/** Return the kind of what a stage makes by a name; stages inside it make other kinds. */
export function kindOf(local: Local | undefined, name: string): SocketKind | undefined {
  return local?.inside?.makes.get(name) ?? local?.kind
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
