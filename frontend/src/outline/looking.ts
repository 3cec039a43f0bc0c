/** Looking at what a stage made. */

import { select } from '../editor/actions'
import { openInspector, setTab } from '../editor/inspected'
import { editor } from '../editor/store'

/** Open a stage's results. A stage that is gone since the run has none to open. */
export function inspectResult(stage: string): void {
  if (!editor().wiring.nodes.has(stage)) return
  select([stage])
  setTab('result')
  openInspector()
}
