/** Tools that make a kind of media, out of something or out of text. Twin of suppliers.py. */

import type { MediaKind, SocketKind, Tool } from '../api/schema'
import { socketFor, toolsBetween } from './edits/stages'
import type { ToolTable } from './tools'

/** Tools that turn one kind into another and need no other file, the best first. */
export function converters(tools: ToolTable, given: SocketKind, wanted: SocketKind): Tool[] {
  if (given === wanted) return []
  const candidates = toolsBetween(tools, given, wanted).filter((tool) => {
    const socket = socketFor(tool, given)
    return !tool.unusable && requiredPorts(tool).every((port) => `port:${port.name}` === socket)
  })
  // A tool that must have such a file does more with it than one that may have it.
  return best(byRank(candidates, (tool) => requiredPorts(tool).length > 0))
}

/** Tools that make a kind of media from a prompt alone, the best first. */
export function makers(tools: ToolTable, wanted: MediaKind): Tool[] {
  const candidates = tools.makers(wanted)
  return best(
    candidates.filter((tool) => !tool.unusable && hasPrompt(tool) && !requiredPorts(tool).length),
  )
}

function hasPrompt(tool: Tool): boolean {
  return tool.parameters.some((parameter) => parameter.name === 'prompt')
}

function requiredPorts(tool: Tool): Tool['ports'] {
  return tool.ports.filter((port) => port.isRequired && !port.when)
}

function best(found: readonly Tool[]): Tool[] {
  return byRank(found, (tool) => tool.isProvided)
}

function byRank(found: readonly Tool[], isFirst: (tool: Tool) => boolean): Tool[] {
  return found.toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
}
