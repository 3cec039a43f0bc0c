/** Leading to what a run asks: its node, and the question beside it. */

import type { Wait } from '../api/schema'
import { open, select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { openInspector, setTab } from '../editor/inspected'
import { editor, type Point } from '../editor/store'
import { runs } from './store'

const BESIDE = 12
const NARROW = 760

/** Show the oldest open question. */
export function answerNext(): void {
  const wait = runs().run?.waits?.[0]
  if (wait) ask(wait)
}

/** Show a question: beside its node, on phones in the sheet of its stage. */
export function ask(wait: Wait): void {
  const { stage } = wait
  const isThere = stage !== null && editor().wiring.nodes.has(stage)
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
