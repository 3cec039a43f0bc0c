/** The titles and words of rows. */

import type { Doc, Json, ReferencedMedium } from '../api/schema'
import { type NodeState, nameFor } from '../canvas/nodeState'
import { isObject, own, row as recordOf } from '../document/ops'
import { inputOf, stageOf } from '../graph/documentReaders'
import { nameOf } from '../graph/edit'
import { KIND_NAMES } from '../graph/kinds'
import type { ToolTable } from '../graph/tools'
import { INPUTS, type Wire, type Wiring, type WiringNode } from '../graph/wiring'
import { KINDS_WORDS, listed } from '../graph/words'
import { type Row, wiresFrom } from './tree'

/** Return the sources of a stage: "Keyframes, Score and 2 others"; "" when there are none. */
export function sourcesOf(wiring: Wiring, id: string): string {
  return listed([...new Set((wiring.into.get(id) ?? []).map((wire) => sourceName(wiring, wire)))])
}

export function sourceName(wiring: Wiring, wire: Wire): string {
  const node = wiring.nodes.get(wire.source)
  if (wire.source !== INPUTS) return node?.title ?? wire.source
  return node?.outputs.find(({ key }) => key === wire.sourceSocket)?.title ?? wire.sourceSocket
}

/** "Shots, stage 3 of 8, Animate photo, from Keyframes, running, 62 percent". */
export function stageName(
  node: WiringNode,
  place: number,
  of: number,
  from: string,
  state: NodeState,
  problem: string,
): string {
  const { title, meta } = node
  const head = `${title}, stage ${place} of ${of}`
  const does = meta !== '' && meta !== title ? meta : ''
  const now = nameFor(title, place, of, state).slice(head.length + 2)
  return [head, does, from && `from ${from}`, now, problem].filter(Boolean).join(', ')
}

/** Return the binding of a port in a few words; "" when it has none. */
export function boundWords(row: Row, doc: Doc, wiring: Wiring, tools: ToolTable): string {
  const { socket, wire, node } = row
  if (!socket) return ''
  if (wire) {
    const from = `from ${sourceName(wiring, wire)}`
    return wire.isImplied ? `${from}, automatic` : from
  }
  const value = writtenIn(doc, node, socket.key, tools)
  return value === undefined ? '' : shownValue(value)
}

/** Return the value that is written into a port instead of a wire. */
function writtenIn(doc: Doc, node: string, key: string, tools: ToolTable): Json | undefined {
  const stage = stageOf(doc, node)
  const tool = tools.get(stage.tool)
  if (!tool) return undefined
  for (const [argument, value] of Object.entries(stage.args)) {
    const entry = tools.argument(tool, argument)
    const socket = entry.port ? `port:${entry.port.name}` : `arg:${entry.name}`
    const isSaid = value !== null && value !== '' && !isBinding(value)
    if (socket === key && isSaid) return value
  }
  return undefined
}

function isBinding(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isBinding)
  return typeof value === 'string' && /^\$(?!\$)/.test(value)
}

/** Return the uses of an output: "used by Shots and Poster". */
export function goesTo(row: Row, wiring: Wiring): string {
  const wires = wiresFrom(wiring, row.node, row.socket?.key ?? '')
  const names = wires.map((wire) => wiring.nodes.get(wire.target)?.title ?? wire.target)
  return names.length > 0 ? `used by ${listed([...new Set(names)])}` : 'not used yet'
}

/** Return the value that a run takes for an input: the test value, else its default. */
export function inputValue(
  doc: Doc,
  key: string,
  media: Readonly<Record<string, ReferencedMedium>>,
): string {
  const record = recordOf(doc, 'inputs', key)
  const testRecord = recordOf(doc, 'values', key)
  const value = isObject(testRecord) ? own(testRecord, 'value') : undefined
  const current = value ?? (isObject(record) ? own(record, 'default') : undefined)
  if (current === undefined || current === null || current === '')
    return inputOf(doc, key).isRequired ? 'required' : ''
  const medium = typeof current === 'string' ? own(media, current) : undefined
  return medium ? KIND_NAMES[medium.kind] : shownValue(current)
}

const LONGEST = 80

function shownValue(value: Json): string {
  if (value === true) return 'Yes'
  if (value === false) return 'No'
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) {
    const [only, ...others] = value
    return only !== undefined && others.length === 0 ? shownValue(only) : `${value.length} items`
  }
  if (typeof value !== 'string') return 'Set'
  if (/^(reelgraph:|https?:)/.test(value)) return 'A file'
  return `“${value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value}”`
}

/** A port's name for those who do not see it. */
export function portName(row: Row, doc: Doc, wiring: Wiring, tools: ToolTable): string {
  const { socket, type: is } = row
  if (!socket) return ''
  if (is === 'out')
    return `${socket.title}, provides ${KINDS_WORDS[socket.kind]}, ${goesTo(row, wiring)}`
  const binding = boundWords(row, doc, wiring, tools)
  const open = socket.isRequired ? 'required, not connected' : 'not connected'
  return `${socket.title}, takes ${KINDS_WORDS[socket.kind]}, ${binding || open}`
}

/** Return the title of a row. */
export function rowTitle(row: Row, doc: Doc, wiring: Wiring): string {
  switch (row.type) {
    case 'inputs':
      return 'Inputs'
    case 'notes':
      return 'Notes'
    case 'stage':
      return wiring.nodes.get(row.node)?.title ?? row.node
    case 'in':
    case 'out':
      return row.socket?.title ?? ''
    case 'frame':
      return nameOf(doc, row.node)
    case 'note':
      return noteText(doc, row.node).split('\n')[0]?.trim() || 'Note'
  }
}

export function noteText(doc: Doc, id: string): string {
  const record = recordOf(doc, 'notes', id.slice('note:'.length))
  const text = isObject(record) ? own(record, 'text') : ''
  return typeof text === 'string' ? text : ''
}

const PAST: Readonly<Record<string, string>> = {
  Add: 'Added',
  Bypass: 'Bypassed',
  Change: 'Changed',
  Connect: 'Connected',
  Delete: 'Deleted',
  Disconnect: 'Disconnected',
  Duplicate: 'Duplicated',
  Edit: 'Edited',
  Keep: 'Kept',
  Lock: 'Locked',
  Make: 'Made',
  Move: 'Moved',
  Remove: 'Removed',
  Rename: 'Renamed',
  Reorder: 'Moved',
  Stop: 'Stopped',
  Unlock: 'Unlocked',
  Unpack: 'Unpacked',
  Update: 'Updated',
}

/** "Remove Shots" → "Removed Shots." */
export function doneWords(label: string): string {
  const [verb = '', ...rest] = label.split(' ')
  return `${[PAST[verb] ?? verb, ...rest].join(' ')}.`
}
