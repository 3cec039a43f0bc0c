/** Adding with a place in mind: from the dialog, from the palette by drag, from an edge's "+". */

import { act, say } from '../../editor/actions'
import { type End, editor, type Point } from '../../editor/store'
import { bounds, holds } from '../../graph/geometry'
import { isTemplate } from '../../graph/tools'
import { INPUTS, type Wire } from '../../graph/wiring'
import { addInputNow, addNow } from '../additions'
import { writeNote } from '../notes'
import { inRoom, withOthers } from '../room'
import { boxOf, endsOf, sceneOf, shownPlaces } from '../scene'
import { camera, reveal } from '../view'
import { asked } from './asked'
import { type Choice, editFor, type Part, type Place } from './choices'
import { remember } from './recent'

export interface Request {
  readonly at?: Point
  readonly from?: End
  readonly insert?: string
}

/** Return the place that a request means in the present graph. */
export function placeOf({ at, from, insert }: Request): Place {
  const { wiring } = editor()
  const wire = insert && wiring.edges.find((known) => known.id === insert)
  if (wire) return placeOn(wire)
  if (from) return { type: 'end', end: from, at: at ?? beside(from) }
  return { type: 'free', at: at ?? null }
}

export function placeOn(wire: Wire): Place {
  return {
    type: 'wire',
    wire,
    ends: endsOf(wire, editor().wiring, sceneOf()),
    shown: shownPlaces(),
  }
}

/** A point on the free side of a node, where an edge from it would be dropped. */
function beside({ node, side }: End): Point | null {
  const box = sceneOf().nodes.get(node)
  if (!box) return null
  return { x: side === 'out' ? box.x + box.width + 56 : box.x - 56, y: box.y + 190 }
}

/** Bring what is new into view, unless most of it is seen where a pointer put it. */
function showNew(ids: readonly string[]): void {
  const box = bounds(ids.map(boxOf).filter((box) => box !== null))
  if (!box) return
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  if (!holds(camera.seen(), middle)) reveal(ids)
}

/** Add it, in the free room that is nearest. isExact: where it is meant, even on something. Returns
 * false when it does not fit there. */
export function add(
  part: Part,
  place: Place,
  fit: Choice['fit'] = 'fits',
  isExact = false,
): boolean {
  // A template is looked for by its name each time: it may have a newer version by then.
  if (part.type === 'tool' && !isTemplate(part.tool.name)) remember(part.tool.name)
  if (part.type === 'note') return place.type === 'free' && writeNote(place.at, isExact)
  if (place.type === 'free' && place.at === null) {
    if (part.type === 'tool') addNow(part.tool.name)
    else if (part.type === 'stage') addNow('', part.stageType)
    else addInputNow(part.inputType)
    return true
  }
  const edit = editFor(asked(), part, place, fit)
  if (!edit || !act(isExact || fit === 'between' ? withOthers(edit) : inRoom(edit))) return false
  if (part.type === 'input') reveal(INPUTS)
  else if (!isExact) showNew(edit.select ?? [])
  say(`${edit.label}. Press Enter for settings.`)
  return true
}
