/** The present comparison, computed once for all who show it, and the steps through it. */

import { useMemo } from 'react'
import type { Doc } from '../api/schema'
import { act, say, setMode, toast } from '../editor/actions'
import { editor, useEditor } from '../editor/store'
import type { ToolTable } from '../graph/tools'
import { type Entry, entriesOf, takeOps } from './entries'
import { comparing, otherOf, type Side, sideName, tick, useCompare } from './store'
import { type Union, unionOf } from './union'

export interface Comparison {
  readonly from: Doc
  readonly to: Doc
  readonly entries: readonly Entry[]
}

let cache: { from: Doc; to: Doc; tools: ToolTable; found: Comparison } | null = null
let unionCache: { of: Comparison; union: Union } | null = null

/** The two documents and what lies between them, or null before anything was chosen. */
export function comparison(): Comparison | null {
  const { from: one, to: other } = comparing()
  if (one === undefined) return null
  const { doc, tools } = editor()
  const [from, to] = [one?.state ?? doc, other?.state ?? doc]
  if (cache?.from === from && cache.to === to && cache.tools === tools) return cache.found
  const result = { from, to, entries: entriesOf(from, to, tools) }
  cache = { from, to, tools, found: result }
  return result
}

export function useComparison(): Comparison | null {
  const from = useCompare((state) => state.from)
  const to = useCompare((state) => state.to)
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads these from the stores.
  return useMemo(comparison, [from, to, doc, tools])
}

export function unionNow(of: Comparison): Union {
  if (unionCache?.of !== of)
    unionCache = { of, union: unionOf(of.from, of.to, of.entries, editor().tools) }
  return unionCache.union
}

/** The entry that is looked at: the chosen one while it is there, else the first. */
export function useCurrent(entries: readonly Entry[]): Entry | null {
  const at = useCompare((state) => state.at)
  return entries.find((entry) => entry.id === at) ?? entries[0] ?? null
}

function current(): { entries: readonly Entry[]; place: number } {
  const entries = comparison()?.entries ?? []
  const place = entries.findIndex((entry) => entry.id === comparing().at)
  return { entries, place: Math.max(place, 0) }
}

export function lookAt(id: string): void {
  useCompare.setState({ at: id })
}

/** Say what was found, once both sides are there. */
export function announce(): void {
  const current = comparison()
  if (!current) return
  const { from, to } = comparing()
  const [first] = current.entries
  const count = current.entries.length
  const what = count === 1 ? '1 change' : `${count} changes`
  if (!first) say(sameWords(from, to))
  else
    say(`${what} from ${sideName(from)} to ${sideName(to)}. First: ${first.title}, ${first.kind}.`)
}

/** "The draft and v12 are identical." */
export function sameWords(from: Side | undefined, to: Side): string {
  const [one, other] =
    from === null ? ['The draft', sideName(to)] : [capital(sideName(to)), sideName(from)]
  return `${one} and ${other} are identical.`
}

function capital(text: string): string {
  return text.startsWith('the ') ? `T${text.slice(1)}` : text
}

/** To the next or the previous change; round at the end. Says where that is. */
export function step(by: 1 | -1): void {
  const { entries, place } = current()
  if (entries.length === 0) return
  const next = (place + by + entries.length) % entries.length
  const entry = entries[next]
  if (!entry) return
  lookAt(entry.id)
  say(`Change ${next + 1} of ${entries.length}: ${entry.title}, ${entry.kind}. ${entry.detail}`)
}

/** Tick or untick what is looked at and go on. */
export function answer(isTaken: boolean): void {
  const { entries, place } = current()
  const entry = entries[place]
  if (!entry) return
  tick(entry.units, isTaken)
  if (place < entries.length - 1) {
    lookAt((entries[place + 1] as Entry).id)
    say(`${isTaken ? 'Selected' : 'Skipped'}: ${entry.title}. Next: ${entries[place + 1]?.title}`)
  } else say(`${isTaken ? 'Selected' : 'Skipped'}: ${entry.title}, the last one.`)
}

/** Count the entries with something ticked. */
export function countTicked(entries: readonly Entry[], ticked: ReadonlySet<string>): number {
  return entries.filter((entry) => entry.units.some((unit) => ticked.has(unit))).length
}

/** Bring what is ticked of the other side into the draft, as one undo step. */
export function takeTicked(): void {
  const current = comparison()
  const { from, to, ticked } = comparing()
  if (!current || from === undefined) return
  const other = otherOf(from, to)
  // With the draft on the right, what is taken leads back to the left.
  const isBack = to === null
  const ops = isBack
    ? takeOps(current.to, current.from, ticked)
    : takeOps(current.from, current.to, ticked)
  const count = countTicked(current.entries, ticked)
  const what = count === 1 ? '1 change' : `${count} changes`
  if (!act({ label: `Apply ${what} from ${sideName(other)}`, ops })) {
    toast('Already in the draft.')
    return
  }
  useCompare.setState({ ticked: new Set() })
  toast(`${what} applied. Undo reverts ${count === 1 ? 'it' : 'them'}.`)
}

export function leave(): void {
  setMode('edit')
}
