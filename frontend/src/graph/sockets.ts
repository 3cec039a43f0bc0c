/** The ends of wires: a tool's ports and parameters as sockets of a node. */

import type { Json, SocketKind, Tool, ToolParameter, ToolPort, Use } from '../api/schema'
import { plain } from './bindings'
import type { InputRecord, StageRecord } from './documentReaders'
import type { ToolTable } from './tools'
import { wordsOf } from './words'

/**
 * Socket keys: `port:image`, `arg:prompt`, `over`, `select`, `after`; `out` of a stage, `out:poster`
 * of another output of a template; an input's own key.
 */
export const OUT = 'out'
export const AFTER = 'after'
export const OVER = 'over'
/** Everything that stages inside take from outside: shown, not edited. */
export const INSIDE = 'inside'
/** The choices for a person's pick. */
export const SELECT = 'select'

export interface Socket {
  readonly key: string
  readonly title: string
  readonly kind: SocketKind
  /** The argument that a wire writes; "" for outputs. */
  readonly argument: string
  readonly isList: boolean
  readonly isRequired: boolean
  /** It has a value, a wire or an implied wire. */
  readonly isFilled: boolean
  readonly isImplied: boolean
  /** It names something that is not there. */
  readonly isBroken: boolean
}

const NO_SOCKET: Socket = {
  key: '',
  title: '',
  kind: 'choice',
  argument: '',
  isList: false,
  isRequired: false,
  isFilled: false,
  isImplied: false,
  isBroken: false,
}
export const afterSocket: Socket = {
  ...NO_SOCKET,
  key: AFTER,
  title: 'Run after',
  argument: 'requiredArtifactsIn',
  isList: true,
}

export const insideSocket: Socket = {
  ...NO_SOCKET,
  key: INSIDE,
  title: 'Inside',
  argument: 'subStages',
}

export function portSocket(port: ToolPort, isRequired = port.isRequired): Socket {
  const { title, kind, argument, isList } = port
  return { ...NO_SOCKET, key: `port:${port.name}`, title, kind, argument, isList, isRequired }
}

export function parameterSocket(parameter: ToolParameter): Socket {
  return {
    ...NO_SOCKET,
    key: `arg:${parameter.name}`,
    title: parameter.title || wordsOf(parameter.name),
    kind: kindOfParameter(parameter),
    argument: parameter.name,
    isList: parameter.schema.type === 'array',
    isRequired: parameter.isRequired,
  }
}

export function unknownSocket(key: string, argument: string): Socket {
  return { ...NO_SOCKET, key, title: wordsOf(argument) || argument, argument }
}

/** Return the socket of a person's choices. kind: theirs, `choice` while nothing is connected. */
export function selectSocket(kind: SocketKind): Socket {
  return {
    ...NO_SOCKET,
    key: SELECT,
    title: 'Choices from',
    kind,
    argument: 'select',
    isList: true,
  }
}

export function overSocket(stage: StageRecord): Socket {
  const title = stage.itemName ? `For each ${wordsOf(stage.itemName).toLowerCase()}` : 'For each'
  return { ...NO_SOCKET, key: OVER, title, argument: 'overBinding', isRequired: true }
}

export function kindOfParameter(parameter: ToolParameter): SocketKind {
  const { type } = parameter.schema
  if (Array.isArray(parameter.schema.enum)) return 'choice'
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'string' ? 'text' : 'choice'
}

/** Return true if an argument's value says nothing. */
export function isBlank(value: Json | undefined): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** Return the socket of a stage's result. */
export function outSocket(kind: SocketKind): Socket {
  const title = kind === 'choice' ? 'Result' : kind.slice(0, 1).toUpperCase() + kind.slice(1)
  return { ...NO_SOCKET, key: OUT, title, kind }
}

/** Return the sockets of a stage's results; a template has one for each output. */
export function outSockets(kind: SocketKind, use: Use | null): Socket[] {
  if (!use || use.outputs.length < 2) return [outSocket(kind)]
  return use.outputs.map((output, at) => ({
    ...outSocket(at === 0 ? kind : (output.kind ?? 'choice')),
    key: at === 0 ? OUT : `${OUT}:${output.name}`,
    title: output.title,
  }))
}

/** Return the output that a socket of a stage is, "" for the main one. */
export function outputOf(socket: string): string {
  return socket.startsWith(`${OUT}:`) ? socket.slice(OUT.length + 1) : ''
}

/** Return the socket of an input's value. */
export function inputSocket(key: string, input: InputRecord, isBroken: boolean): Socket {
  const title = input.title || key
  return { ...NO_SOCKET, key, title, kind: input.kind, isList: input.isMultiple, isBroken }
}

/** Return true if a port's `when` holds. */
export function applies(port: ToolPort, tool: Tool, stage: StageRecord, tools: ToolTable): boolean {
  if (!port.when) return true
  const { parameter, values } = port.when
  const value = parameterValue(parameter, tool, stage, tools)
  if (values.length === 0) return value !== undefined && value !== null
  const isSame = (one: Json, other: Json | undefined) =>
    one === other ||
    (typeof one === 'string' && typeof other === 'string' && one === other.trim().toLowerCase())
  return values.some((allowed) => isSame(allowed, value))
}

/** The value of a parameter: as the stage says, else its default. */
export function parameterValue(
  name: string,
  tool: Tool,
  stage: StageRecord,
  tools: ToolTable,
): Json | undefined {
  for (const [argument, value] of Object.entries(stage.args))
    if (value !== null && tools.parameter(tool, argument)?.name === name) return plain(value)
  return tool.parameters.find((parameter) => parameter.name === name)?.default
}
