/** Actions of nodes and connections on the canvas that other features carry out. */

import { act, open, select, selectWire } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { openInspector, showItem } from '../editor/inspected'
import { editor, useEditor } from '../editor/store'
import { disconnect, makeReal } from '../graph/edits/wires'
import type { Wire } from '../graph/wiring'
import { besideNode } from '../run/asking'
import { openElement, openNode } from '../run/elements'
import { runs, stepShown, useRun, waitOf } from '../run/store'
import { setCanvas } from './state'
import { camera } from './view'
import { middleOf } from './wires'

/** Run a failed stage again, and what depends on it. */
export function retry(id: string): void {
  select([id])
  runCommand('retry')
}

/**
 * Answer the question a run waits with, beside its node. That a stage waits is known from its event,
 * before what it asks has been fetched: then the question opens once it is here, unless its person
 * turned to something else.
 */
export function choose(id: string): void {
  select([id])
  if (openAnswer(id)) return
  const look = () => {
    const { selection, dialog } = editor()
    const isWanted = selection.size === 1 && selection.has(id) && dialog === null
    const isWaiting = stepShown(runs().steps, id)?.status === 'waiting'
    if (isWanted && isWaiting && !openAnswer(id)) return
    for (const end of ends) end()
  }
  const ends = [useRun.subscribe(look), useEditor.subscribe(look)]
}

/** Open the question of a stage. False: what it asks has not been fetched yet. */
function openAnswer(id: string): boolean {
  const wait = waitOf(runs(), id)
  if (!wait) return false
  const screen = besideNode(id)
  open({ name: 'answer', wait: wait.id, ...(screen ? { screen } : {}) })
  return true
}

/** Show what an item of a batch came to; null: all of them. An element's stages are opened. */
export function inspectItem(id: string, item: string | null): void {
  if (item !== null && openElement(item)) return
  select([id])
  showItem(item)
  openInspector()
}

/** Open a stage with others inside; else show the node in the inspector. */
export function enter(id: string): void {
  const isWhole = (editor().wiring.nodes.get(id)?.inside ?? 0) > 0
  if (isWhole) openNode(id)
  else inspect(id)
}

/** Show a node in the inspector, and bring the keyboard there. */
export function inspect(id: string): void {
  select([id])
  openInspector()
  // The inspector has the node's fields with the next frame.
  requestAnimationFrame(() => {
    const fields = '.inspector :is(input, textarea, select, [contenteditable=true])'
    document.querySelector<HTMLElement>(fields)?.focus()
  })
}

/** Choose a stage to put into a connection. */
export function insertInto(wire: Wire): void {
  const at = middleOf(wire)
  if (at) open({ name: 'add', at, screen: camera.toWindow(at), insert: wire.id })
}

export function cut(wire: Wire): void {
  if (act(disconnect(editor().doc, wire))) setCanvas({ hoveredWire: null })
}

/** Make an automatic connection one that stays. */
export function keepConnection(wire: Wire): void {
  const { doc, wiring, tools } = editor()
  if (!act(makeReal(doc, wiring, tools, wire))) return
  setCanvas({ implied: null })
  selectWire(null)
}
