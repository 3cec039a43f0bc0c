/** Drawing and taking away edges, without asking whether they may be: `connect.ts` does that. */

import type { Doc, Json } from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { artifactText, everyText, findRefs, inputText, isBindable } from './bindings'
import { askedArtifacts, INPUTS, inputOf, producersOf, stageOf } from './documentReaders'
import { type Draft, fieldOf } from './edit'
import { orderBefore } from './order'
import { AFTER, INSIDE, isBlank, OVER, outputOf, SELECT } from './sockets'
import { isListArgument, type ToolTable } from './tools'
import type { Wire, Wiring } from './wiring'
import { unused } from './words'

/** One end of an edge: a node and one of its sockets. */
export interface End {
  readonly node: string
  readonly socket: string
}

/** The place in which an edge is written: an argument of the stage, or a field of its own. */
export interface Slot {
  readonly argument: string
  readonly field: readonly string[]
  readonly isList: boolean
  readonly maxItems: number
  readonly value: Json | undefined
}

/** The slot of an input socket: the spelling that is used already, else the declared one. */
export function slotOf(doc: Doc, tools: ToolTable, end: End): Slot | null {
  const record = row(doc, 'stages', end.node)
  if (end.socket === INSIDE) return null
  if (end.socket === AFTER || end.socket === OVER) {
    const argument = end.socket === AFTER ? 'requiredArtifactsIn' : 'overBinding'
    const value = fieldOf(record, [argument])
    const isList = end.socket === AFTER
    return { argument, field: [argument], isList, maxItems: 0, value }
  }
  if (end.socket === SELECT) {
    const field = ['select', 'from']
    return { argument: 'select', field, isList: true, maxItems: 1, value: fieldOf(record, field) }
  }
  const stage = stageOf(doc, end.node)
  const tool = tools.get(stage.tool)
  if (!tool) return null
  const [, kind, name] = /^(port|arg):(.*)$/s.exec(end.socket) ?? []
  if (!name) return null
  let argument = ''
  for (const [spelling, value] of Object.entries(stage.args)) {
    const entry = tools.argument(tool, spelling)
    const isIt = kind === 'port' ? entry.port?.name === name : entry.parameter?.name === name
    if (isIt && (argument === '' || !isBlank(value))) argument = spelling
  }
  const port = kind === 'port' ? tool.ports.find((known) => known.name === name) : undefined
  const parameter = kind === 'arg' ? tools.parameter(tool, name) : null
  if (!port && !parameter) return null
  if (argument === '') argument = port?.argument ?? parameter?.name ?? name
  const value = own(stage.args, argument)
  const isList = port
    ? Array.isArray(value) || isListArgument(port, argument)
    : parameter?.schema.type === 'array'
  return {
    argument,
    field: [...stage.argsPath, argument],
    isList,
    maxItems: port?.maxItems ?? 0,
    value,
  }
}

/** The artifact name by which `target` gets the result of `source`; one is added when none does. */
export function artifactFor(draft: Draft, source: string, target: string | null): string {
  const { order } = draft.doc.stages
  const producers = producersOf(draft.doc)
  const { produces, id } = stageOf(draft.doc, source)
  const end = target === null ? order.length : order.indexOf(target)
  const uniqueName = produces.find((name) => {
    const before = (producers.get(name) ?? []).filter((key) => order.indexOf(key) < end)
    return isBindable(name) && before.at(-1) === source
  })
  if (uniqueName !== undefined) return uniqueName
  const baseName = isBindable(id) ? id : id.replace(/[.[\]]+/g, '-') || 'result'
  // A name that someone asks for in vain would suddenly mean this.
  const askedNames = askedArtifacts(draft.doc)
  const name = unused(baseName, (taken) => producers.has(taken) || askedNames.has(taken))
  draft.set('stages', source, ['produces'], [...produces, name])
  return name
}

/** The same with the output of a template stage, where that isn't the main one. */
function resultFor(draft: Draft, source: End, target: string | null): string {
  const output = outputOf(source.socket)
  return artifactFor(draft, source.node, target) + (output && `.${output}`)
}

/** The binding text of a source for a target. isList: the place takes several. */
export function bindingText(
  draft: Draft,
  source: End,
  target: string | null,
  isList: boolean,
): string {
  if (source.node !== INPUTS) {
    const name = resultFor(draft, source, target)
    // A list takes all that a list gives.
    return isList && givesList(draft.doc, source.node) ? everyText(name) : artifactText(name)
  }
  const input = inputOf(draft.doc, source.socket)
  return inputText(input.name) + (input.isMultiple && !isList ? '[0]' : '')
}

/** Return true if a stage makes several: a batch, or a pick of more than one. */
export function givesList(doc: Doc, key: string): boolean {
  if (stageOf(doc, key).type === 'batch') return true
  const most = fieldOf(row(doc, 'stages', key), ['select', 'max'])
  return stageOf(doc, key).select !== '' && most !== 1
}

/** Write an edge: one argument, and what its source needs to be named and to come first. */
export function join(
  draft: Draft,
  wiring: Wiring,
  tools: ToolTable,
  source: End,
  target: End,
): void {
  const slot = slotOf(draft.doc, tools, target)
  if (!slot) return
  if (source.node !== INPUTS) draft.add(...orderBefore(draft.doc, wiring, source.node, target.node))
  if (target.socket === AFTER) {
    const name = artifactFor(draft, source.node, target.node)
    const names = stageOf(draft.doc, target.node).requires
    draft.setField(target.node, slot.field, [...names, name])
    return
  }
  if (target.socket === OVER) {
    const text =
      source.node === INPUTS
        ? inputText(inputOf(draft.doc, source.socket).name)
        : `$artifacts.${resultFor(draft, source, target.node)}.items`
    draft.setField(target.node, slot.field, text)
    return
  }
  if (target.socket === SELECT) {
    const name = resultFor(draft, source, target.node)
    const select = fieldOf(row(draft.doc, 'stages', target.node), ['select'])
    const bounds = isObject(select) ? select : { min: 1, max: 1 }
    draft.setField(target.node, ['select'], { ...bounds, from: `$artifacts.${name}` })
    return
  }
  const isList = slot.isList && (target.socket.startsWith('port:') || Array.isArray(slot.value))
  const text = bindingText(draft, source, target.node, slot.isList)
  if (!isList) draft.setField(target.node, slot.field, text)
  else if (slot.value !== undefined)
    draft.setField(target.node, slot.field, [...items(slot.value), text])
  else {
    const others = impliedTexts(draft, wiring, target, slot).filter((other) => other !== text)
    draft.setField(target.node, slot.field, [...others, text])
  }
}

/** The entries a list argument has, also when a single value is there. */
export function items(value: Json | undefined): Json[] {
  if (Array.isArray(value)) return value
  return isBlank(value) || value === undefined ? [] : [value]
}

/** Write the implied wires of a socket into its argument, so that they no longer depend on order. */
export function writeImplied(draft: Draft, tools: ToolTable, wires: readonly Wire[]): void {
  const first = wires[0]
  if (!first) return
  const end = { node: first.target, socket: first.targetSocket }
  const slot = slotOf(draft.doc, tools, end)
  if (!slot) return
  const texts = textsOf(draft, wires, slot)
  draft.setField(end.node, slot.field, slot.isList ? texts : (texts[0] ?? null))
}

function textsOf(draft: Draft, wires: readonly Wire[], slot: Slot): string[] {
  return wires.map((wire) =>
    bindingText(draft, { node: wire.source, socket: wire.sourceSocket }, wire.target, slot.isList),
  )
}

/** Return the texts of a list's automatic bindings: one more does not put the others out. */
function impliedTexts(draft: Draft, wiring: Wiring, target: End, slot: Slot): string[] {
  const impliedWires = (wiring.into.get(target.node) ?? []).filter(
    (wire) => wire.isImplied && wire.targetSocket === target.socket,
  )
  return textsOf(draft, impliedWires, slot)
}

/** Take a wire's reference out of its argument, or put another text in its place. */
export function replaceAt(draft: Draft, wire: Wire, text: string | undefined): void {
  // A pick from nothing is none.
  if (wire.targetSocket === SELECT && text === undefined) {
    draft.setField(wire.target, ['select'], undefined)
    return
  }
  const value = fieldOf(row(draft.doc, 'stages', wire.target), wire.field)
  if (value === undefined) return
  draft.setField(wire.target, wire.field, withReplacement(value, wire.inside, text))
}

function withReplacement(
  value: Json,
  place: readonly (string | number)[],
  text: string | undefined,
): Json | undefined {
  const [step, ...rest] = place
  if (step === undefined) return text
  if (Array.isArray(value) && typeof step === 'number') {
    const inner = step < value.length ? withReplacement(value[step] as Json, rest, text) : undefined
    const parts = value.flatMap((part, at) =>
      at !== step ? [part] : inner === undefined ? [] : [inner],
    )
    return parts.length > 0 ? parts : undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const inner = withReplacement(own(value, String(step)) ?? null, rest, text)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, Json][] =>
      key !== step ? [[key, part]] : inner === undefined ? [] : [[key, inner]],
    ),
  )
}

/** Return true if a value names this text anywhere. */
export function holds(value: Json | undefined, text: string): boolean {
  return findRefs(value).some(({ read }) => read.text === text)
}
