/** What a finished edge says, wherever it came from: the canvas, a dialog, the outline. */

import { act, say } from '../editor/actions'
import type { Edit } from '../graph/edit'
import { type Refusal, setConnect } from './state'

/** Do it and say it. */
export function connect(edit: Edit): void {
  if (act(edit)) say(`${edit.label}.`)
}

/** Show why an edge was refused, beside the port, with what would do instead. */
export function refuse(refusal: Refusal): void {
  setConnect({ refusal: { ...refusal } })
  const instead = refusal.fits?.[0]?.label
  say(instead ? `${refusal.reason} Instead: ${instead}.` : refusal.reason)
}
