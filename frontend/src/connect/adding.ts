/** Adding with a place in mind: from the dialog, from the palette by drag, from an edge's "+". */

import { writeNote } from '../canvas/notes'
import { endsOf, sceneOf, shownPlaces } from '../canvas/scene'
import { reveal } from '../canvas/view'
import { act, say } from '../editor/actions'
import { type End, editor, type Point } from '../editor/store'
import { centre } from '../editor/viewport'
import { INPUTS, type Wire } from '../graph/wiring'
import { addInputNow, addNow } from '../palette/adding'
import { asked } from './asked'
import { type Choice, editFor, type Part, type Place } from './choices'
import { remember } from './recent'

export interface Request {
  readonly at?: Point
  readonly from?: End
  readonly insert?: string
}

/** What a request means in the graph there is now. */
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
  const x = side === 'out' ? box.x + box.width + 56 : box.x - 56
  const taken = [...sceneOf().nodes.values()]
  let y = box.y + 190
  const covers = (at: number) =>
    taken.some(
      (other) =>
        x + (side === 'out' ? 0 : -224) < other.x + other.width &&
        x + (side === 'out' ? 224 : 0) > other.x &&
        at - 190 < other.y + other.height &&
        at + 60 > other.y,
    )
  for (let tries = 0; tries < 40 && covers(y); tries += 1) y += 60
  return { x, y }
}

/** Add it. Returns false when it does not fit there. */
export function add(part: Part, place: Place, fit: Choice['fit'] = 'fits'): boolean {
  if (part.type === 'tool') remember(part.tool.name)
  if (place.type === 'free' && place.at === null) {
    if (part.type === 'tool') addNow(part.tool.name)
    else if (part.type === 'stage') addNow('', part.stageType)
    else if (part.type === 'input') addInputNow(part.inputType)
    else return writeNote(centre())
    return true
  }
  if (part.type === 'note' && place.type === 'free' && place.at) return writeNote(place.at)
  const edit = editFor(asked(), part, place, fit)
  if (!edit || !act(edit)) return false
  if (part.type === 'input') reveal(INPUTS)
  say(`${edit.label}. Press Enter for settings.`)
  return true
}
