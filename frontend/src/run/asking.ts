/** Leading to what a run asks: its node, and the question beside it. */

import type { Wait } from '../api/schema'
import { open, select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { openInspector, setTab } from '../editor/inspected'
import { editor, type Point } from '../editor/store'
import { stageBefore } from './shared/batches'
import { runs } from './store'

const BESIDE = 12
const NARROW = 760

/** Show the oldest open question, of what is drawn before any other. */
export function answerNext(): void {
  const waits = runs().run?.waits ?? []
  const wait = waits.find((one) => nodeOf(one) !== null) ?? waits[0]
  if (wait) ask(wait)
}

/** Return the node of what asks: of a step inside a stage that is open, its own. */
function nodeOf(wait: Wait): string | null {
  const { nodes } = editor().wiring
  const keys = [wait.step, stageBefore(wait.step ?? ''), wait.stage]
  return keys.find((key) => key !== null && nodes.has(key)) ?? null
}

/** Show a question: beside its node, on phones in the sheet of its stage. */
export function ask(wait: Wait): void {
  const stage = nodeOf(wait)
  const isThere = stage !== null
  if (isThere) select([stage])
  if (isThere && window.innerWidth < NARROW) {
    setTab('result')
    openInspector()
    return
  }
  if (isThere) runCommand('view.reveal')
  const screen = isThere ? besideNode(stage) : null
  open({ name: 'answer', wait: wait.id, ...(screen ? { screen } : {}) })
}

/** Return the place in the window of a popover of a stage's node; null: it is out of sight. */
export function besideNode(stage: string): Point | null {
  const node = document.querySelector(`.node[data-node-id="${CSS.escape(stage)}"]`)
  const box = node?.getBoundingClientRect()
  return box ? { x: box.right + BESIDE, y: box.top } : null
}
