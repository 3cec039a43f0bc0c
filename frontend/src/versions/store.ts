/** What the draft is compared with. */

import { create } from 'zustand'
import { diff } from '../document/diff'
import { act, setMode, toast } from '../editor/actions'
import { api } from '../editor/api'
import { BOOT, editor } from '../editor/store'
import type { Doc, VersionRow } from '../types'

export type Opened = VersionRow & { state: Doc }

interface CompareState {
  /** The older side; null: nothing is compared. */
  version: Opened | null
}

export const useCompare = create<CompareState>(() => ({ version: null }))

/** Compare the draft with a saved version. */
export async function compareWith(number: number): Promise<void> {
  try {
    useCompare.setState({ version: await api.version(BOOT.templateId, number) })
    setMode('compare')
  } catch (error) {
    toast((error as Error).message)
  }
}

/**
 * Bring the draft back to a version, as one undo step. What a version does not hold stays: seeds
 * and the values that inputs are tried with.
 */
export async function restore(row: VersionRow): Promise<boolean> {
  try {
    const { state } = await api.version(BOOT.templateId, row.number)
    const { doc } = editor()
    const wanted: Doc = { ...state, seeds: doc.seeds, values: doc.values }
    const ops = diff(doc, wanted)
    if (ops.length === 0) toast(`The draft is as v${row.version} already.`)
    else if (act({ label: `Restore v${row.version}`, ops }))
      toast(`The draft is v${row.version} again. Undo brings yours back.`)
    return true
  } catch (error) {
    toast((error as Error).message)
    return false
  }
}
