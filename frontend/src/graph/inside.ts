/** The sources and results of the stages inside a stage. Twin of graph/inside.py. Pure. */

import type { SocketKind, Tool } from '../api/schema'
import { type Broken, type Ref, readText } from './bindings'
import type { StageRecord } from './documentReaders'
import type { Bound } from './stageReader'

/** The face of a group to the stages around it. */
export interface Inside {
  /** References to what is made outside, each once. */
  readonly takes: readonly (Ref | Broken)[]
  /** Names that stages inside wait for, made outside, each once. */
  readonly waits: readonly string[]
  /** Name → the kind of what is made under it. */
  readonly makes: ReadonlyMap<string, SocketKind>
  /** Kinds of media that later stages find in it. */
  readonly kinds: readonly SocketKind[]
  /** The kind of its result. */
  readonly kind: SocketKind
}

/** A stage that runs in a group, first of all the call of the stage that has the others inside. */
export interface Member {
  readonly stage: StageRecord
  readonly tool: Tool | null
  /** Bindings of what it takes; nothing for the own call, which has sockets of its own. */
  readonly bound: readonly Bound[]
  /** Names it waits for; nothing for the own call. */
  readonly waits: readonly string[]
  readonly inside: Inside | null
  readonly produces: readonly string[]
}

/** Read what members of a group take and make, in their order. result: the one that is the group's. */
export function insideFrom(members: readonly Member[], result: number): Inside {
  const takes = new Map<string, Ref | Broken>()
  const waits = new Set<string>()
  const makes = new Map<string, SocketKind>()
  const kinds = new Set<SocketKind>()
  let kind: SocketKind = 'choice'
  members.forEach(({ stage, tool, bound, inside, ...member }, at) => {
    const own = bound.flatMap(({ found }) => found.map(({ read }) => read))
    for (const ref of [...own, ...(inside?.takes ?? [])]) {
      const isInside = ref.type === 'ref' && ref.root === 'artifacts' && makes.has(ref.name)
      if (!isInside && !takes.has(keyOf(ref))) takes.set(keyOf(ref), ref)
    }
    for (const name of [...member.waits, ...(inside?.waits ?? [])])
      if (!makes.has(name)) waits.add(name)
    const pickKind = stage.select === '' ? null : pickedKind(stage.select, makes)
    const ownKind = inside?.kind ?? pickKind ?? tool?.output ?? 'choice'
    for (const each of inside?.kinds ?? [ownKind]) if (each !== 'choice') kinds.add(each)
    for (const [name, each] of inside?.makes ?? []) makes.set(name, each)
    for (const name of member.produces) if (!inside?.makes.has(name)) makes.set(name, ownKind)
    if (at === result) kind = ownKind
  })
  return { takes: [...takes.values()], waits: [...waits], makes, kinds: [...kinds], kind }
}

/** Return the kind of a pick from what is made in the same group. */
function pickedKind(select: string, makes: ReadonlyMap<string, SocketKind>): SocketKind | null {
  const from = readText(select)
  return (from.type === 'ref' && from.root === 'artifacts' && makes.get(from.name)) || null
}

function keyOf(read: Ref | Broken): string {
  return read.type === 'broken' ? `! ${read.text}` : `${read.root} ${read.name}`
}
