/** The two sides that are compared, where a person is in what differs, and what is ticked. */

import { create } from 'zustand'
import type { Doc, Use, UsedVersion, VersionRow } from '../api/schema'
import { setMode, toast } from '../editor/actions'
import { api } from '../editor/api'
import { BOOT, useEditor } from '../editor/store'

export type Opened = VersionRow & { state: Doc }

/** The draft with a change in it that was asked for and not accepted. */
export interface Proposal {
  readonly isProposal: true
  readonly state: Doc
}

/** null: the draft as it is now, which changes under the eyes. */
export type Side = Opened | Proposal | UsedVersion | null

interface CompareState {
  /** The state before. undefined: nothing was chosen yet. */
  from: Side | undefined
  /** The state after. */
  to: Side
  /** Id of the entry that is looked at. */
  at: string | null
  ticked: ReadonlySet<string>
}

export const useCompare = create<CompareState>(() => ({
  from: undefined,
  to: null,
  at: null,
  ticked: new Set<string>(),
}))

/** The state now, for event handlers. */
export const comparing = useCompare.getState

const openVersions = new Map<number, Promise<Opened>>()

/** A version never changes: each is read once. */
export function readVersion(number: number): Promise<Opened> {
  let request = openVersions.get(number)
  if (!request) {
    request = api.version(BOOT.templateId, number)
    request.catch(() => openVersions.delete(number))
    openVersions.set(number, request)
  }
  return request
}

/** Compare the draft with a saved version. */
export async function compareWith(number: number): Promise<void> {
  if (await compare(number, null)) setMode('compare')
}

/** Choose the sides by the numbers of versions; null: the draft. False: one could not be read. */
export async function compare(from: number | null, to: number | null): Promise<boolean> {
  try {
    const [one, other] = await Promise.all(
      [from, to].map((number) => (number === null ? null : readVersion(number))),
    )
    useCompare.setState({ from: one, to: other ?? null, at: null, ticked: new Set() })
    return true
  } catch (error) {
    toast((error as Error).message)
    return false
  }
}

/** Compare the version of a template that stages are with the newer one that is offered. */
export async function compareUse({ reference }: Use): Promise<void> {
  try {
    const [from, to] = (await api.newerUse(BOOT.templateId, reference)).versions
    useCompare.setState({ from, to, at: null, ticked: new Set() })
    setMode('compare')
  } catch (error) {
    toast((error as Error).message)
  }
}

// Who compares next means this template.
useEditor.subscribe(({ mode }) => {
  if (mode !== 'compare' && usedVersionOf(comparing().to))
    useCompare.setState({ from: undefined, to: null, at: null })
})

export function swap(): void {
  const { from, to } = comparing()
  if (from === undefined) return
  useCompare.setState({ from: to, to: from, ticked: new Set() })
}

/** The version that a side is; null for the draft and a proposal. */
export function versionOf(side: Side | undefined): Opened | null {
  return side && 'number' in side ? side : null
}

/** The version of another template that a side is, which stages here are; null for all others. */
export function usedVersionOf(side: Side | undefined): UsedVersion | null {
  return side && 'title' in side ? side : null
}

/** Tell whether what differs can be brought into the draft. */
export function useCanTake(): boolean {
  const isUse = useCompare((state) => usedVersionOf(state.to) !== null)
  return useEditor((state) => state.canEdit) && !isUse
}

/** Return true if a proposal is compared with the draft, not two versions. */
export function isProposal(): boolean {
  const { to } = comparing()
  return to !== null && 'isProposal' in to
}

/** "v12", "the draft". */
export function sideName(side: Side | undefined): string {
  const version = versionOf(side) ?? usedVersionOf(side)
  if (version) return `v${version.version}`
  return side ? 'the proposal' : 'the draft'
}

/** The side that changes are taken from: the one that is not the draft, else the newer one. */
export function otherOf(from: Side | undefined, to: Side): Side {
  return to ?? from ?? null
}

export function tick(units: Iterable<string>, on: boolean): void {
  const next = new Set(comparing().ticked)
  for (const unit of units) {
    if (on) next.add(unit)
    else next.delete(unit)
  }
  useCompare.setState({ ticked: next })
}
