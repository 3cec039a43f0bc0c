/** What nodes on the canvas ask of other rooms, by the names of their commands. */

import { select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { openInspector } from '../inspector/state'

/** Run a failed stage again, and what hangs on it. */
export function retry(id: string): void {
  select([id])
  runCommand('retry')
}

/** Answer the question a run waits with: it stands in the inspector. */
export function choose(id: string): void {
  inspect(id)
}

/** Show a node in the inspector, and bring the keyboard there. */
export function inspect(id: string): void {
  select([id])
  openInspector()
  // The inspector has the node's fields with the next frame.
  requestAnimationFrame(() => {
    const fields = '.ins :is(input, textarea, select, [contenteditable=true])'
    document.querySelector<HTMLElement>(fields)?.focus()
  })
}
