/** Notes and frames that are about to be written in. */

import { act } from '../editor/actions'
import { editor } from '../editor/store'
import type { Edit } from '../graph/edit'
import { addNote } from '../graph/edits/places'
import type { Point } from '../graph/geometry'
import { inRoom, inView } from './room'
import { boxOf } from './scene'
import { canvas, setCanvas } from './state'
import { camera, revealBox } from './view'

/** The size of the part that one writes in: the head of a frame, all of a note. */
const HEAD = { width: 480, height: 160 }
const MARGIN = 48

/** Add an empty note and put the keyboard into it. at: its corner; null: in view. isExact: there,
 * even on something. False: nothing may be added. */
export function writeNote(at: Point | null, isExact = false): boolean {
  const edit = addNote(editor().doc, at ?? { x: 0, y: 0 })
  return write(isExact ? edit : at ? inRoom(edit) : inView(edit))
}

/** Add a note or a frame and put the keyboard into it. False: nothing may be added. */
export function write(edit: Edit): boolean {
  const id = edit.select?.[0]
  if (!act(edit) || id === undefined) return false
  const box = boxOf(id)
  if (box) {
    const { width, height } = HEAD
    const head = {
      ...box,
      width: Math.min(box.width, width),
      height: Math.min(box.height, height),
    }
    // What is painted cannot be written in.
    if (canvas().isFar) camera.fit(head, MARGIN, 1)
    else for (const part of [box, head]) revealBox(part, false)
  }
  setCanvas({ writing: id })
  return true
}
