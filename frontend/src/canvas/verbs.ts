/** What nodes on the canvas ask of other rooms, by the names of their commands. */

import { open, select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { openInspector, setTab, showItem } from '../inspector/state'
import { besideNode } from '../run/asking'
import { runs } from '../run/store'

/** Run a failed stage again, and what hangs on it. */
export function retry(id: string): void {
  select([id])
  runCommand('retry')
}

/** Answer the question a run waits with, beside its node. */
export function choose(id: string): void {
  const wait = runs().run?.waits?.find((known) => known.stage === id)
  select([id])
  if (!wait) {
    setTab('result')
    openInspector()
    return
  }
  const screen = besideNode(id)
  open({ name: 'answer', wait: wait.id, ...(screen ? { screen } : {}) })
}

/** Show what an item of a batch came to; null: all of them. */
export function inspectItem(id: string, item: string | null): void {
  select([id])
  showItem(item)
  openInspector()
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
