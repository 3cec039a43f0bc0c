/**
 * A document as a graph: nodes with sockets, wires between them. Bindings are the wires; what
 * compiling would join by itself is an implied one. Twin of templates_app/graph/wiring.py; both
 * answer frontend/fixtures/wiring.json alike.
 */

import type { Doc, Json, SocketKind, Table, Tool } from '../api/schema'
import { own } from '../document/ops'
import type { Place, Ref } from './bindings'
import { INPUTS, inputOf } from './documentReaders'
import { type GraphContext, kindOf, renew, surroundingsOf } from './graphContext'
import type { Inside } from './inside'
import { StageReader } from './nodes'
import {
  AFTER,
  afterSocket,
  INSIDE,
  inputSocket,
  insideSocket,
  OUT,
  parameterSocket,
  SELECT,
  type Socket,
  selectSocket,
} from './sockets'
import type { Bound, Local } from './stageReader'
import { isListArgument, type ToolTable } from './tools'

export { INPUTS } from './documentReaders'
export { AFTER, INSIDE, OUT, OVER, SELECT, type Socket } from './sockets'

/** Implied wires beyond this are left out: "join all clips" can mean very many. */
const MAX_IMPLIED = 4_000

/** `$inputs`, or a stage by its key. kind: what it makes; "choice" for no media. */
export interface WiringNode {
  readonly id: string
  readonly title: string
  readonly meta: string
  readonly kind: SocketKind
  readonly tool: Tool | null
  /** True if the record can be read as a stage. */
  readonly isReadable: boolean
  /** It asks a person, who may be given things to pick from. */
  readonly asks: boolean
  /** It does its work once for each of a list: what it makes is a list. */
  readonly repeats: boolean
  /** A run leaves it out and passes on what comes in. */
  readonly isBypassed: boolean
  /** The number of stages inside it, at any depth. */
  readonly inside: number
  readonly inputs: readonly Socket[]
  readonly outputs: readonly Socket[]
}

export interface Wire {
  /** Stays the same while the two ends do. */
  readonly id: string
  readonly source: string
  readonly sourceSocket: string
  readonly target: string
  readonly targetSocket: string
  /** The source's kind. */
  readonly kind: SocketKind
  readonly isImplied: boolean
  /** The source is later in the order, or is the target itself: an error until it is moved. */
  readonly isBackward: boolean
  /** The argument or field that holds it, as it is spelled; "" when implied. */
  readonly argument: string
  /** The way to that field in the target's record. */
  readonly field: readonly string[]
  /** The way into the field's value. */
  readonly inside: Place
  /** Position in a list, or null. */
  readonly place: number | null
  readonly text: string
}

export interface Wiring {
  /** The inputs first when there are any, then the stages in order. */
  readonly nodes: ReadonlyMap<string, WiringNode>
  readonly edges: readonly Wire[]
  /** Wires by the node they enter. Nodes without any are absent. */
  readonly into: ReadonlyMap<string, readonly Wire[]>
}

interface Entry {
  readonly record: Json
  readonly signature: string
  readonly node: WiringNode
  readonly wires: readonly Wire[]
}

/** The stage that makes what a name means. isBackward: not before the stage that takes it. */
interface Maker {
  readonly position: number
  readonly isBackward: boolean
}

/** The field of a wire to a stage inside. The editor shows it, and does not change it. */
const IN_SUB_STAGES = { argument: 'subStages', field: ['subStages'] }

interface Kept {
  readonly tools: ToolTable
  readonly stages: Table
  readonly inputs: Table
  readonly around: GraphContext
  readonly entries: ReadonlyMap<string, Entry>
}

const cache = new WeakMap<Wiring, Kept>()

/**
 * The graph of a document. previous: an earlier one; nodes and wires that say the same are taken
 * over from it, and the whole when nothing changed.
 */
export function readWiring(doc: Doc, tools: ToolTable, previous?: Wiring): Wiring {
  let old = previous && cache.get(previous)
  if (old && old.tools !== tools) old = undefined
  if (previous && old?.stages === doc.stages && old.inputs === doc.inputs) return previous
  const renewal = old?.inputs === doc.inputs ? renew(old.around, old.stages, doc, tools) : null
  const around = renewal?.around ?? surroundingsOf(doc, tools)
  return new Reader(doc, tools, around, previous, old).wiring(renewal?.changed ?? null)
}

class Reader {
  /** Kind → keys of the stages so far that make it. */
  private readonly makers = new Map<string, string[]>()
  private readonly order: readonly string[]
  private implied = 0

  constructor(
    private readonly doc: Doc,
    private readonly tools: ToolTable,
    private readonly around: GraphContext,
    private readonly previous: Wiring | undefined,
    private readonly old: Kept | undefined,
  ) {
    this.order = doc.stages.order
  }

  /** changed: positions of the only stages that may differ from the old graph; null: any may. */
  wiring(changed: readonly number[] | null): Wiring {
    const entries = changed && this.old ? this.patched(changed, this.old) : this.all()
    const wiring = this.assembled(entries)
    const { tools, doc, around } = this
    cache.set(wiring, { tools, stages: doc.stages, inputs: doc.inputs, around, entries })
    return wiring
  }

  private all(): Map<string, Entry> {
    const entries = new Map<string, Entry>()
    if (this.doc.inputs.order.length > 0) entries.set(INPUTS, this.inputs())
    this.order.forEach((key, position) => {
      entries.set(key, this.stage(key, position))
      this.pass(key, position)
    })
    return entries
  }

  private patched(changed: readonly number[], old: Kept): Map<string, Entry> {
    const entries = new Map(old.entries)
    let passes = 0
    for (const position of changed) {
      for (; passes < position; passes += 1) this.pass(this.order[passes] as string, passes)
      const key = this.order[position] as string
      entries.set(key, this.stage(key, position))
    }
    return entries
  }

  /** Offer a stage's result to those that follow. */
  private pass(key: string, position: number): void {
    const local = this.around.local[position]
    if (!local || !this.around.positions.has(key)) return
    for (const kind of local.inside?.kinds ?? [local.kind]) {
      if (kind === 'choice') continue
      const makers = this.makers.get(kind)
      if (makers) makers.push(key)
      else this.makers.set(kind, [key])
    }
  }

  private assembled(entries: ReadonlyMap<string, Entry>): Wiring {
    const { previous, old } = this
    if (previous && old && old.entries.size === entries.size) {
      const before = old.entries.entries()
      let isSame = true
      for (const [key, entry] of entries) {
        const [oldKey, oldEntry] = before.next().value ?? []
        if (oldKey === key && oldEntry === entry) continue
        isSame = false
        break
      }
      // A new object all the same: it stands for this document's tables.
      if (isSame) return { ...previous }
    }
    const nodes = new Map<string, WiringNode>()
    const into = new Map<string, readonly Wire[]>()
    const edges: Wire[] = []
    for (const [key, entry] of entries) {
      nodes.set(key, entry.node)
      if (entry.wires.length === 0) continue
      into.set(key, entry.wires)
      for (const wire of entry.wires) edges.push(wire)
    }
    return { nodes, edges, into }
  }

  private inputs(): Entry {
    const { inputs } = this.doc
    const signature = inputs.order.join('\n')
    const before = this.old?.entries.get(INPUTS)
    const oldTable = this.old?.inputs
    if (
      before?.signature === signature &&
      oldTable &&
      inputs.order.every((key) => own(inputs.rows, key) === own(oldTable.rows, key))
    )
      return before
    const outputs = inputs.order.map((key) => {
      const input = inputOf(this.doc, key)
      return inputSocket(
        key,
        input,
        input.type === null || this.around.names.get(input.name) !== key,
      )
    })
    const node: WiringNode = {
      id: INPUTS,
      title: 'Inputs',
      meta: '',
      kind: 'choice',
      tool: null,
      isReadable: true,
      asks: false,
      repeats: false,
      isBypassed: false,
      inside: 0,
      inputs: [],
      outputs,
    }
    return { record: null, signature, node, wires: [] }
  }

  private stage(key: string, position: number): Entry {
    const record = own(this.doc.stages.rows, key) ?? null
    const local = this.around.local[position] as Local
    const stage = new StageReader(key, local, this.around.titles[position] as string)
    if (this.around.positions.has(key)) {
      for (const binding of local.bound) this.bound(stage, position, binding)
      this.join(stage, local)
      if (local.inside) this.inside(stage, position, local.inside)
      this.after(stage, position, local)
    }
    const signature = `${this.around.positions.has(key)}\n${stage.signature()}`
    const before = this.old?.entries.get(key)
    if (before && before.record === record && before.signature === signature) return before
    const node = stage.node(this.tools, this.around.positions.has(key))
    return { record, signature, node, wires: stage.wires() }
  }

  private bound(stage: StageReader, position: number, bound: Bound): void {
    for (const { read, place } of bound.found) {
      if (read.type === 'broken') {
        stage.broken.add(bound.socket)
        continue
      }
      if (read.root === 'inputs') {
        const source = this.around.names.get(read.name)
        if (source === undefined) stage.broken.add(bound.socket)
        else {
          const { kind } = inputOf(this.doc, source)
          stage.add(INPUTS, source, bound.socket, kind, { bound, place, text: read.text })
        }
      } else if (read.root === 'artifacts') {
        const producer = this.producer(read.name, position)
        if (!producer) stage.broken.add(bound.socket)
        else {
          const { socket, kind } = this.result(read, producer)
          const hold = { bound, place, text: read.text }
          stage.add(
            this.order[producer.position] as string,
            socket,
            bound.socket,
            kind,
            hold,
            producer,
          )
        }
      }
    }
  }

  /** Add a wire for each source of the stages inside, all into one socket. */
  private inside(stage: StageReader, position: number, inside: Inside): void {
    const ends = new Set<string>()
    const add = (source: string, socket: string, kind: SocketKind, text: string, found?: Maker) => {
      const key = `${source}\n${socket}\n${kind}`
      if (ends.has(key)) return
      ends.add(key)
      stage.add(source, socket, INSIDE, kind, { bound: IN_SUB_STAGES, place: [], text }, found)
    }
    for (const ref of inside.takes) {
      if (ref.type === 'broken') stage.broken.add(INSIDE)
      else if (ref.root === 'inputs') {
        const source = this.around.names.get(ref.name)
        if (source === undefined) stage.broken.add(INSIDE)
        else add(INPUTS, source, inputOf(this.doc, source).kind, ref.text)
      } else if (ref.root === 'artifacts') {
        const producer = this.producer(ref.name, position)
        // What is made later in the same group is not there yet.
        if (!producer || producer.position === position) stage.broken.add(INSIDE)
        else {
          const { socket, kind } = this.result(ref, producer)
          add(this.order[producer.position] as string, socket, kind, ref.text, producer)
        }
      }
    }
    for (const name of inside.waits) {
      const producer = this.producer(name, position)
      if (!producer || producer.isBackward) continue
      const source = this.order[producer.position] as string
      if (!stage.sources.has(source)) add(source, OUT, 'choice', name, producer)
    }
  }

  /** Return the socket that a reference to a stage's result starts from, and its kind. */
  private result(ref: Ref, { position }: Maker): { socket: string; kind: SocketKind } {
    const local = this.around.local[position]
    const outputs = local?.use?.outputs ?? []
    const at = outputs.findIndex(({ name }) => name === ref.path[0])
    if (at > 0)
      return { socket: `${OUT}:${outputs[at]?.name}`, kind: outputs[at]?.kind ?? 'choice' }
    return { socket: OUT, kind: kindOf(local, ref.name) ?? 'choice' }
  }

  /** The newest producer before a stage, else the first after it. */
  private producer(name: string, position: number): Maker | null {
    const places = this.around.producers.get(name)
    if (!places) return null
    let before: number | undefined
    for (const at of places) {
      if (at >= position) break
      before = at
    }
    return before === undefined
      ? { position: places[0] as number, isBackward: true }
      : { position: before, isBackward: false }
  }

  /** Media that compiling joins because the stage names none. */
  private join(stage: StageReader, local: Local): void {
    for (const port of local.open) {
      const makers = this.makers.get(port.kind) ?? []
      const chosen = port.implied === 'all' ? makers : makers.slice(-1)
      for (const maker of chosen) {
        this.implied += 1
        if (this.implied <= MAX_IMPLIED) stage.add(maker, OUT, `port:${port.name}`, port.kind)
      }
      if (makers.length > 0) continue
      for (const key of this.doc.inputs.order) {
        const input = inputOf(this.doc, key)
        if (
          input.type !== port.kind ||
          input.isInternal ||
          this.around.names.get(input.name) !== key
        )
          continue
        stage.add(INPUTS, key, `port:${port.name}`, port.kind)
        if (port.implied !== 'all') break
      }
    }
  }

  /** Order alone, where nothing else joins the two. */
  private after(stage: StageReader, position: number, local: Local): void {
    const fields = [
      ['requiredArtifactsIn', local.stage.requires],
      ['optionalArtifactsIn', local.stage.optional],
    ] as const
    for (const [argument, names] of fields)
      names.forEach((name, at) => {
        const producer = this.producer(name, position)
        const isOptional = argument === 'optionalArtifactsIn'
        if (!producer || (isOptional && producer.isBackward)) {
          if (!isOptional) stage.broken.add(AFTER)
          return
        }
        const source = this.order[producer.position] as string
        if (stage.sources.has(source)) return
        const binding = { argument, field: [argument] }
        stage.add(
          source,
          OUT,
          AFTER,
          'choice',
          { bound: binding, place: [at], text: name },
          producer,
        )
      })
  }
}

/** The socket of a node by its key, also one of a parameter that is not shown yet. */
export function findSocket(
  node: WiringNode,
  key: string,
  tools: ToolTable,
  side: 'in' | 'out',
): Socket | null {
  if (side === 'out') return node.outputs.find((socket) => socket.key === key) ?? null
  const port = node.inputs.find((socket) => socket.key === key)
  if (port) return port
  if (key === AFTER && node.id !== INPUTS) return afterSocket
  if (key === INSIDE && node.inside > 0) return insideSocket
  if (key === SELECT && node.asks) return selectSocket('choice')
  if (!node.tool || !key.startsWith('arg:')) return null
  const parameter = tools.parameter(node.tool, key.slice(4))
  return parameter ? parameterSocket(parameter) : null
}

/** Return true if the argument that holds a wire carries several media. */
export function fillsList(wiring: Wiring, { target, targetSocket, argument }: Wire): boolean {
  const ports = wiring.nodes.get(target)?.tool?.ports
  const port = ports?.find(({ name }) => targetSocket === `port:${name}`)
  return isListArgument(port, argument)
}

/** The names of stages as messages list them. */
export function titleOf(wiring: Wiring, id: string): string {
  return wiring.nodes.get(id)?.title ?? id
}
