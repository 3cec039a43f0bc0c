/** The reading of a stage's record, independent of other stages. Cached per record. */

import type { Json, SocketKind, Tool, ToolPort, Use } from '../api/schema'
import { type Found, findRefs } from './bindings'
import { lastThatMakes, readStage, type StageRecord } from './documentReaders'
import { type Inside, insideFrom } from './inside'
import { groupOf, hasOwnCall } from './nesting'
import { applies, OVER, SELECT } from './sockets'
import { type Named, namedOf } from './titles'
import type { ToolTable } from './tools'

/** One argument of a call that holds bindings. */
export interface Bound {
  readonly socket: string
  readonly argument: string
  readonly field: readonly string[]
  readonly found: readonly Found[]
}

export interface Local {
  readonly stage: StageRecord
  readonly tool: Tool | null
  /** The template that the stage is. */
  readonly use: Use | null
  readonly kind: SocketKind
  readonly named: Named
  readonly bound: readonly Bound[]
  /** Ports that compiling may fill. */
  readonly open: readonly ToolPort[]
  /** The sources and results of the stages inside it; null without any. */
  readonly inside: Inside | null
}

const cacheByTools = new WeakMap<ToolTable, WeakMap<object, Local>>()

/** The reading of a stage's record with these tools. */
export function localOf(record: Json | undefined, tools: ToolTable): Local {
  if (typeof record !== 'object' || record === null) return readLocal(record, tools)
  let cache = cacheByTools.get(tools)
  if (!cache) {
    cache = new WeakMap()
    cacheByTools.set(tools, cache)
  }
  let local = cache.get(record)
  if (!local) {
    local = readLocal(record, tools)
    cache.set(record, local)
  }
  return local
}

function readLocal(record: Json | undefined, tools: ToolTable): Local {
  const stage = readStage(record)
  const tool = stage.tool === '' ? null : tools.get(stage.tool)
  const use = tools.use(stage.tool)
  const bindings: Bound[] = []
  if (stage.over !== '') {
    const refs = findRefs(stage.over)
    if (refs.length > 0)
      bindings.push({ socket: OVER, argument: 'overBinding', field: ['overBinding'], found: refs })
  }
  if (stage.select !== '') {
    const refs = findRefs(stage.select)
    if (refs.length > 0)
      bindings.push({ socket: SELECT, argument: 'select', field: ['select', 'from'], found: refs })
  }
  let namesMedia = false
  for (const [argument, value] of Object.entries(stage.args)) {
    const entry = tool ? tools.argument(tool, argument) : null
    if (entry?.port) namesMedia = true
    const refs = findRefs(value)
    if (refs.length === 0) continue
    const socket = entry?.port ? `port:${entry.port.name}` : `arg:${entry?.name ?? argument}`
    bindings.push({ socket, argument, field: [...stage.argsPath, argument], found: refs })
  }
  const open =
    tool && stage.type === 'fixed' && !namesMedia
      ? tool.ports.filter((port) => port.implied !== 'none' && applies(port, tool, stage, tools))
      : []
  const title = namedOf(stage, tool?.title ?? '')
  const inside = stage.subStages.length === 0 ? null : readInside(stage, tool, tools)
  const kind = inside?.kind ?? tool?.output ?? 'choice'
  return { stage, tool, use, kind, named: title, bound: bindings, open, inside }
}

function readInside(stage: StageRecord, tool: Tool | null, tools: ToolTable): Inside {
  const { produces, result } = groupOf(stage)
  const call = { stage, tool, bound: [], waits: [], inside: null }
  const others = stage.subStages.map((record) => {
    const local = localOf(record, tools)
    return { ...local, waits: [...local.stage.requires, ...local.stage.optional] }
  })
  const members = hasOwnCall(stage) ? [call, ...others] : others
  const withNames = members.map((one, at) => ({ ...one, produces: produces[at] ?? [] }))
  const inside = insideFrom(withNames, result)
  if (stage.type !== 'batch') return inside
  const kind = kindOfItems(stage, tools)
  const makes = new Map(stage.makes.map((name) => [name, kind]))
  return { ...inside, makes, kinds: kind === 'choice' ? [] : [kind], kind }
}

/** Return the kind that the items of a batch over stages give, as far as their tools say. */
function kindOfItems(batch: StageRecord, tools: ToolTable): SocketKind {
  let stage = batch
  while (stage.subStages.length > 0) {
    const { type, produces, subStages } = stage
    const last = lastThatMakes(produces, subStages)
    const isMade = last?.produces.some((name) => produces.includes(name))
    const isOwn = type !== 'batch' && hasOwnCall(stage) && produces.length > 0 && !isMade
    if (!last || isOwn) break
    stage = last
  }
  return tools.get(stage.tool)?.output ?? 'choice'
}
