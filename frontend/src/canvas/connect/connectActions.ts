/** The messages about a finished edge, wherever it came from: the canvas, a dialog, the outline. */

import { act, say } from '../../editor/actions'
import type { Edit } from '../../graph/edit'
import { type Refusal, setConnect } from './state'

/** Do it and say it. into: what the port is called. */
export function connect(edit: Edit, into = ''): void {
  const words = edit.label.replace(/^Connect /, 'Connected ')
  if (act(edit)) say(into ? `${words}, ${into}.` : `${words}.`)
}

/** Show why an edge was refused, beside the port, with what would do instead. */
export function refuse(refusal: Refusal): void {
  setConnect({ refusal: { ...refusal } })
  const instead = refusal.fits?.[0]?.label
  say(instead ? `${refusal.reason} Try: ${instead}.` : refusal.reason)
}
