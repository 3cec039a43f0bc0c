/** One stage of the graph while its wires are found, then its node. */

import type { SocketKind, Tool, Use } from '../api/schema'
import type { Place } from './bindings'
import { hasOwnCall, insideOf } from './nesting'
import {
  AFTER,
  afterSocket,
  applies,
  INSIDE,
  insideSocket,
  isBlank,
  OVER,
  outSockets,
  overSocket,
  parameterSocket,
  portSocket,
  SELECT,
  type Socket,
  selectSocket,
  unknownSocket,
} from './sockets'
import type { Local } from './stageReader'
import { isTemplate, mainText, type ToolTable } from './tools'
import type { Wire, WiringNode } from './wiring'
import { clean, wordsOf } from './words'

export interface Held {
  readonly bound: { readonly argument: string; readonly field: readonly string[] }
  readonly place: Place
  readonly text: string
}

interface Draft {
  readonly source: string
  readonly sourceSocket: string
  readonly socket: string
  readonly kind: SocketKind
  readonly held: Held | undefined
  readonly isBackward: boolean
}

export class StageReader {
  readonly broken = new Set<string>()
  readonly sources = new Set<string>()
  private readonly drafts: Draft[] = []

  constructor(
    private readonly key: string,
    private readonly local: Local,
    private readonly title: string,
  ) {}

  add(
    source: string,
    sourceSocket: string,
    socket: string,
    kind: SocketKind,
    held?: Held,
    found?: { isBackward: boolean },
  ): void {
    this.sources.add(source)
    const isBackward = found?.isBackward ?? false
    this.drafts.push({ source, sourceSocket, socket, kind, held, isBackward })
  }

  /** Everything about the stage's node and wires that its own record does not say. */
  signature(): string {
    let text = `${this.title}\n`
    for (const { source, sourceSocket, socket, kind, held, isBackward } of this.drafts)
      text += `${source}\n${sourceSocket}\n${socket}\n${kind}\n${held ? 1 : 0}${isBackward ? 1 : 0}\n`
    for (const socket of this.broken) text += `!${socket}\n`
    return text
  }

  wires(): Wire[] {
    const counts = new Map<string, number>()
    return this.drafts.map(({ source, sourceSocket, socket, kind, held, isBackward }): Wire => {
      const ends = [source, sourceSocket, this.key, socket].map(encodeURIComponent).join('|')
      const count = counts.get(ends) ?? 0
      counts.set(ends, count + 1)
      const at = held?.place[0]
      return {
        id: count === 0 ? ends : `${ends}|${count}`,
        source,
        sourceSocket,
        target: this.key,
        targetSocket: socket,
        kind,
        isImplied: held === undefined,
        isBackward,
        argument: held?.bound.argument ?? '',
        field: held?.bound.field ?? [],
        inside: held?.place ?? [],
        place: typeof at === 'number' ? at : null,
        text: held?.text ?? '',
      }
    })
  }

  node(tools: ToolTable, isReadable: boolean): WiringNode {
    const { stage, tool, use, kind } = this.local
    const isBatch = stage.type === 'batch'
    return {
      id: this.key,
      title: this.title || this.key,
      meta: metaOf(this.local),
      kind,
      tool,
      isReadable,
      asks: stage.type === 'interactive',
      repeats: isBatch,
      isBypassed: stage.isBypassed,
      inside: insideOf(stage).length + (use?.stages ?? 0),
      inputs: isReadable ? this.sockets(tools) : [],
      outputs: outSockets(kind, use).map((socket) => ({ ...socket, isList: isBatch })),
    }
  }

  private sockets(tools: ToolTable): Socket[] {
    const { stage, tool, bound } = this.local
    const filledSockets = new Set<string>()
    if (tool)
      for (const [argument, value] of Object.entries(stage.args)) {
        if (isBlank(value)) continue
        const entry = tools.argument(tool, argument)
        filledSockets.add(entry.port ? `port:${entry.port.name}` : `arg:${entry.name}`)
      }
    const impliedSockets = new Set<string>()
    for (const draft of this.drafts) {
      filledSockets.add(draft.socket)
      if (!draft.held) impliedSockets.add(draft.socket)
    }
    const sockets: Socket[] = []
    const add = (socket: Omit<Socket, 'isFilled' | 'isImplied' | 'isBroken'>) => {
      if (sockets.some((known) => known.key === socket.key)) return
      sockets.push({
        ...socket,
        isFilled: filledSockets.has(socket.key),
        isImplied: impliedSockets.has(socket.key),
        isBroken: this.broken.has(socket.key),
      })
    }
    for (const port of tool?.ports ?? [])
      add(portSocket(port, port.isRequired && tool !== null && applies(port, tool, stage, tools)))
    const main = tool && mainText(tool)
    if (main) add(parameterSocket(main))
    for (const { socket, argument } of bound) {
      const parameter = tool && tools.parameter(tool, argument)
      if (parameter) add(parameterSocket(parameter))
      else if (socket === OVER) add(overSocket(stage))
      else if (socket === SELECT) add(selectSocket(this.local.kind))
      else if (!socket.startsWith('port:')) add(unknownSocket(socket, argument))
    }
    if (stage.type === 'batch') add(overSocket(stage))
    if (stage.type === 'interactive') add(selectSocket(this.local.kind))
    if (filledSockets.has(INSIDE) || this.broken.has(INSIDE)) add(insideSocket)
    if (filledSockets.has(AFTER) || this.broken.has(AFTER)) add(afterSocket)
    return sockets
  }
}

/** The line below the title of a stage whose template is not there, or not for its holder. */
export const UNAVAILABLE = 'Template unavailable'

/** Return the line below a title: "Generate image, for each scene", "3 stages inside". */
export function metaOf({ stage, tool, use }: Local): string {
  const count = insideOf(stage).length + (stage.type === 'batch' ? 0 : (use?.stages ?? 0))
  const words = count === 0 ? [] : [countWords(count)]
  if (count === 0 || hasOwnCall(stage))
    words.unshift(stage.type === 'interactive' ? 'Your turn' : doesOf(stage, tool, use))
  if (stage.type === 'batch') words.push(eachOf(stage))
  return words.join(', ')
}

/** "Generate image"; of a template "Shot 0.0.7". */
function doesOf({ tool: name, type }: Local['stage'], tool: Tool | null, use: Use | null): string {
  if (use) return `${clean(use.title)} ${use.version}`
  if (isTemplate(name) && !tool) return UNAVAILABLE
  return tool?.title ?? (clean(name) || type || 'Has errors')
}

/** Return "3 stages inside". */
export function countWords(count: number): string {
  return count === 1 ? '1 stage inside' : `${count} stages inside`
}

/** "for each scene". */
function eachOf({ itemName }: Local['stage']): string {
  return itemName ? `for each ${wordsOf(itemName).toLowerCase()}` : 'for each item'
}
