/** The file that a stage gets at one of its ports, as far as it is known before the run. */

import { useMemo } from 'react'
import type { Doc, Json, MediaKind, ReferencedMedium } from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { useEditor } from '../editor/store'
import { type Ref, readText } from '../graph/bindings'
import { INPUTS, inputsByName, producersOf, stageOf } from '../graph/documentReaders'
import { items, slotOf } from '../graph/edges'
import { nameOf } from '../graph/edit'
import type { ToolTable } from '../graph/tools'
import type { Wiring } from '../graph/wiring'
import { type StageResult, useRun } from './store'

/** A file that is there to be looked at, and worked on, before the stage runs. */
export interface Source {
  /** An address of this server; never an outsider's. */
  readonly url: string
  readonly kind: MediaKind
  /** Pixels; null where the server did not say. */
  readonly width: number | null
  readonly height: number | null
  /** Seconds. */
  readonly duration: number | null
  readonly from: From
}

/** The origin of a file: a stage's key and title, or an input's. */
export interface From {
  readonly type: 'stage' | 'input' | 'file'
  readonly key: string
  readonly title: string
}

/**
 * The reason that there is nothing to look at: nothing is given or connected; `stage` has to run
 * first; `input` is empty; it lies at an outsider's address, which tells no one who looks before
 * the run.
 */
export type Lack =
  | { readonly type: 'nothing' }
  | { readonly type: 'unrun'; readonly stage: string; readonly title: string }
  | { readonly type: 'empty'; readonly input: string; readonly title: string }
  | { readonly type: 'elsewhere'; readonly title: string }

export type Found =
  | { readonly source: Source; readonly lack: null }
  | { readonly source: null; readonly lack: Lack }

/** The state of the document and of its runs. */
export interface Known {
  readonly doc: Doc
  readonly wiring: Wiring
  readonly tools: ToolTable
  readonly media: Readonly<Record<string, ReferencedMedium>>
  readonly results: Readonly<Record<string, StageResult>>
}

const NOTHING: Found = { source: null, lack: { type: 'nothing' } }
/** A batch over a batch over …: what a document may say, followed so far. */
const MOST_STEPS = 8

/** The first medium that a stage's port will get, or null. */
export function useSource(stage: string, port: string): Source | null {
  return useFound(stage, port).source
}

/** The same, with the reason where there is none. */
export function useFound(stage: string, port: string): Found {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const tools = useEditor((state) => state.tools)
  const media = useEditor((state) => state.media)
  const results = useRun((state) => state.results)
  return useMemo(
    () => findSource({ doc, wiring, tools, media, results }, stage, port),
    [doc, wiring, tools, media, results, stage, port],
  )
}

/** Return what each entry of a port that takes several will get, in order. */
export function useEach(stage: string, port: string): readonly Found[] {
  const doc = useEditor((state) => state.doc)
  const wiring = useEditor((state) => state.wiring)
  const tools = useEditor((state) => state.tools)
  const media = useEditor((state) => state.media)
  const results = useRun((state) => state.results)
  return useMemo(
    () => new Finder({ doc, wiring, tools, media, results }).each(stage, port),
    [doc, wiring, tools, media, results, stage, port],
  )
}

/** Return what a port will get; of several, the first. item: a batch's item, from 0. */
export function findSource(known: Known, stage: string, port: string, item = 0): Found {
  return new Finder(known, item).atPort(stage, port)
}

class Finder {
  private steps = 0

  constructor(
    private readonly known: Known,
    private readonly item = 0,
  ) {}

  atPort(stage: string, port: string): Found {
    const { doc, tools, wiring } = this.known
    const socket = `port:${port}`
    const first = items(slotOf(doc, tools, { node: stage, socket })?.value)[0]
    if (first !== undefined) return this.given(first, stage)
    const impliedWire = (wiring.into.get(stage) ?? []).find(
      (wire) => wire.isImplied && wire.targetSocket === socket,
    )
    if (!impliedWire) return NOTHING
    return impliedWire.source === INPUTS
      ? this.ofInput(impliedWire.sourceSocket, 0)
      : this.ofStage(impliedWire.source, 0)
  }

  each(stage: string, port: string): Found[] {
    const { doc, tools } = this.known
    const values = items(slotOf(doc, tools, { node: stage, socket: `port:${port}` })?.value)
    return values.map((value) => new Finder(this.known).given(value, stage))
  }

  /** Return what a value of an argument or an input names. */
  private given(value: Json, stage: string): Found {
    const address = isObject(value) ? own(value, 'url') : value
    if (typeof address !== 'string') return NOTHING
    const reference = readText(address)
    if (reference.type === 'ref') return this.bound(reference, stage)
    return reference.type === 'broken' ? NOTHING : this.medium(reference.text, 'file', '', '')
  }

  private bound(read: Ref, stage: string): Found {
    const { doc } = this.known
    this.steps += 1
    if (this.steps > MOST_STEPS) return NOTHING
    const place = read.path.find((segment) => typeof segment === 'number') ?? 0
    if (read.root === 'inputs') {
      const key = inputsByName(doc).get(read.name)
      return key === undefined ? NOTHING : this.ofInput(key, place)
    }
    if (read.root === 'artifacts') {
      const { order } = doc.stages
      const makers = producersOf(doc).get(read.name) ?? []
      const key = makers.findLast((one) => order.indexOf(one) < order.indexOf(stage))
      return key === undefined ? NOTHING : this.ofStage(key, place)
    }
    const over = read.root === 'item' ? readText(stageOf(doc, stage).over) : null
    if (over?.type !== 'ref') return NOTHING
    return this.bound({ ...over, path: [...over.path, this.item] }, stage)
  }

  private ofInput(key: string, place: number): Found {
    const { doc } = this.known
    const title = nameOf(doc, key)
    const testRecord = row(doc, 'values', key)
    const declaration = row(doc, 'inputs', key)
    const values = items(
      (isObject(testRecord) ? own(testRecord, 'value') : undefined) ??
        (isObject(declaration) ? own(declaration, 'default') : undefined),
    )
    const value = values[place] ?? null
    const address = isObject(value) ? own(value, 'url') : value
    if (typeof address !== 'string' || address === '')
      return { source: null, lack: { type: 'empty', input: key, title } }
    return this.medium(address, 'input', key, title)
  }

  private ofStage(key: string, place: number): Found {
    const title = this.known.wiring.nodes.get(key)?.title ?? nameOf(this.known.doc, key)
    const media = this.known.results[key]?.media ?? []
    const medium = media[place] ?? media[0]
    if (!medium) return { source: null, lack: { type: 'unrun', stage: key, title } }
    const { url, kind, width, height, duration } = medium
    const from = { type: 'stage', key, title } as const
    return { source: { url, kind, width, height, duration, from }, lack: null }
  }

  private medium(address: string, type: 'input' | 'file', key: string, title: string): Found {
    const medium = this.known.media[address]
    if (!medium) return { source: null, lack: { type: 'elsewhere', title: title || address } }
    return { source: { ...medium, from: { type: type, key, title } }, lack: null }
  }
}
