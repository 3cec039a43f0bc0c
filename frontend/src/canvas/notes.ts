/** Notes that are about to be written. */

import { act } from '../editor/actions'
import { editor } from '../editor/store'
import { addNote } from '../graph/edits/places'
import type { Point } from '../graph/geometry'
import { canvas, setCanvas } from './state'
import { fitView } from './view'

/** Add an empty note and put the keyboard into it. at: its corner. False: nothing may be added. */
export function writeNote(at: Point): boolean {
  const edit = addNote(editor().doc, at)
  const id = edit.select?.[0]
  if (!act(edit) || id === undefined) return false
  // A note that is painted cannot be written in.
  if (canvas().isFar) fitView([id], false)
  setCanvas({ writing: id })
  return true
}
