/**
 * The inside of a stage on the canvas: opened, left, and named by the address. Saving, changes of
 * others and runs still concern the whole template.
 */

import { ApiError } from '../api/http'
import type { Inside } from '../api/schema'
import { stageOf } from '../graph/documentReaders'
import { readWiring } from '../graph/wiring'
import { say, toast } from './actions'
import { api } from './api'
import { closeInspector } from './inspected'
import { saveNow } from './session'
import { BOOT, documentOf, editor, useEditor } from './store'

/** The place in the address that holds the key of the open stage's step. */
const PLACE = 'in'

/** The newest request: an answer that comes after another was asked for is no longer wanted. */
let latest = 0

/** Show the inside of a node, and add that to the browser's history. */
export async function openNode(node: string): Promise<void> {
  const { doc, inside } = editor()
  const key = inside ? node : stageOf(doc, node).id || node
  if (await show(key)) addEntry(key)
}

/** Show the stages of one element of a batch over a template, by the key of its group. */
export async function openElement(key: string): Promise<void> {
  if (await show(key)) addEntry(key)
}

/** Go back to a stage that leads to the open one, by its key; null: to the document. */
export function leaveTo(key: string | null): void {
  const way = wayHere()
  const at = way.lastIndexOf(key)
  if (at >= 0) history.go(at - way.length)
  else if (key === null) {
    close()
    addEntry(null, way)
  } else void show(key).then((isShown) => isShown && addEntry(key, way))
}

/** Go back to where the open stage was opened, else up by one stage. */
export function leaveStage(): void {
  const { inside } = editor()
  if (!inside) return
  const before = wayHere().at(-1)
  const holders = [null, ...inside.path.slice(0, -1).map(({ key }) => key)]
  // An element is opened from its batch's node: one step back is past all stages of the batch.
  if (before !== undefined && holders.includes(before)) leaveTo(before)
  else leaveTo(holders.at(-1) ?? null)
}

/** Show the stage that the address names, now and after each step in the browser's history. */
export function followAddress(): void {
  addEventListener('popstate', () => void showAddress())
  void showAddress()
}

async function showAddress(): Promise<void> {
  const key = new URLSearchParams(location.search).get(PLACE)
  if (key === null) close()
  else if (!(await show(key))) {
    close()
    history.replaceState(null, '', location.pathname)
  }
}

/** Keys that the entries before this one show, as far as this page made them; null: the document. */
function wayHere(): readonly (string | null)[] {
  const way = (history.state as { way?: unknown } | null)?.way
  return Array.isArray(way) ? way : []
}

function addEntry(key: string | null, way: readonly (string | null)[] = [...wayHere(), before()]) {
  const query = key === null ? '' : `?${new URLSearchParams({ [PLACE]: key })}`
  if (query !== location.search) history.pushState({ way }, '', location.pathname + query)
}

/** Return the key that the address names now. */
function before(): string | null {
  return new URLSearchParams(location.search).get(PLACE)
}

/** Draw the inside of a stage. Returns false if it has none or a later call replaced this one. */
async function show(key: string): Promise<boolean> {
  latest += 1
  const request = latest
  try {
    if (!(await saveNow())) throw new Error("Couldn't save your last change. Try again.")
    const answer = await api.openStage(BOOT.templateId, key)
    if (request !== latest) return false
    draw(answer)
    return true
  } catch (error) {
    const isGone = error instanceof ApiError && error.status === 404
    if (request === latest) toast(isGone ? "That stage can't be opened." : (error as Error).message)
    return false
  }
}

function draw({ path, template, mayOpen, state, media, uses }: Inside): void {
  const { mode } = editor()
  const { doc, wiring, tools, media: links, canEdit, issues } = documentOf(editor())
  const around = { doc, wiring, tools, media: links, canEdit, issues }
  const table = tools.withUses(uses)
  keepFocus()
  closeInspector()
  useEditor.setState({
    inside: { path, template, mayOpen, around, leave: () => leaveTo(null) },
    doc: state,
    tools: table,
    wiring: readWiring(state, table),
    media,
    canEdit: false,
    issues: [],
    selection: new Set(),
    wire: null,
    focused: null,
    dialog: null,
    mode: mode === 'compare' ? 'edit' : mode,
  })
  say(`Opened ${path.at(-1)?.title ?? ''}`)
}

/** Have the keyboard stay on what is drawn, where the element that has it goes. */
function keepFocus(): void {
  const element = document.activeElement
  if (!element || element === document.body) return
  requestAnimationFrame(() => {
    if (!element.isConnected && document.activeElement === document.body)
      document.getElementById('main')?.focus({ preventScroll: true })
  })
}

/** Draw the document again, with the stage selected that was open. */
function close(): void {
  latest += 1
  const { inside } = editor()
  if (!inside) return
  const { around, path } = inside
  const key = around.doc.stages.order.find((one) => stageOf(around.doc, one).id === path[0]?.key)
  keepFocus()
  closeInspector()
  useEditor.setState({
    ...around,
    inside: null,
    selection: new Set(key === undefined ? [] : [key]),
    wire: null,
    focused: key ?? null,
    dialog: null,
  })
  say('Back to the whole template')
}
