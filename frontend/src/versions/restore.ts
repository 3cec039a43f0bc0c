import type { Doc, VersionRow } from '../api/schema'
import { diff } from '../document/diff'
import { act, toast } from '../editor/actions'
import { editor } from '../editor/store'
import { readVersion } from './store'

/**
 * Bring the draft back to a version, as one undo step. What a version does not hold stays: seeds,
 * the values that inputs are tried with, and the plan.
 */
export async function restore(row: VersionRow): Promise<boolean> {
  try {
    const { state } = await readVersion(row.number)
    const { doc } = editor()
    const target: Doc = { ...state, seeds: doc.seeds, values: doc.values, plan: doc.plan }
    const ops = diff(doc, target)
    if (ops.length === 0) toast(`The draft already matches v${row.version}.`)
    else if (act({ label: `Restore v${row.version}`, ops }))
      toast(`Restored v${row.version}. Undo restores your draft.`)
    return true
  } catch (error) {
    toast((error as Error).message)
    return false
  }
}
