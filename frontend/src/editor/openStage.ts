/**
 * The inside of a stage on the canvas: opened, left, and named by the address. Saving, changes of
 * others and runs still concern the whole template.
 */

import { ApiError } from '../api/http'
import type { Crumb, Inside } from '../api/schema'
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

/**
 * Show the inside of a stage or of an element, by its key; add that to the browser's history.
 * run: the one whose values its inputs show.
 */
export async function openInside(key: string, run: string | null): Promise<void> {
  if (await show(key, run)) addEntry(key)
}

/**
 * Show the same stages of another element, or with the values of another run: what is selected stays
 * selected, and in the browser's history it takes the place of what was shown. from: the key of the
 * element that is open, or of its batch.
 */
export async function changeElement(from: string, to: string, run: string | null): Promise<void> {
  const open = editor().inside?.path.at(-1)?.key
  if (open === undefined) return
  const rename = (key: string) => (key.startsWith(`${from}.`) ? to + key.slice(from.length) : key)
  const key = open === from ? to : rename(open)
  if (!(await show(key, run, rename))) return
  history.replaceState({ way: wayHere() }, '', `${location.pathname}?${queryOf(key)}`)
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
  // An element is opened from its batch's node: one step back is past all stages of the batch.
  const holders = [null, ...inside.path.filter(isHolder).map(({ key }) => key)]
  if (before !== undefined && holders.includes(before)) leaveTo(before)
  else leaveTo(holders.at(-1) ?? null)
}

/** Return true for a stage around the open one, but for a batch that an element of it follows. */
function isHolder(_: Crumb, at: number, path: readonly Crumb[]): boolean {
  return path[at + 1]?.isElement === false
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
  const query = key === null ? '' : `?${queryOf(key)}`
  if (query !== location.search) history.pushState({ way }, '', location.pathname + query)
}

function queryOf(key: string): URLSearchParams {
  return new URLSearchParams({ [PLACE]: key })
}

/** Return the key that the address names now. */
function before(): string | null {
  return new URLSearchParams(location.search).get(PLACE)
}

/**
 * Draw the inside of a stage. Returns false if it has none or a later call replaced this one.
 * rename: what is selected is called there; else nothing is selected.
 */
async function show(
  key: string,
  run = editor().inside?.run ?? null,
  rename?: (key: string) => string,
): Promise<boolean> {
  latest += 1
  const request = latest
  try {
    if (!(await saveNow())) throw new Error("Couldn't save your last change. Try again.")
    const answer = await api.openStage(BOOT.templateId, key, run)
    if (request !== latest) return false
    draw(answer, run, new Set(rename ? [...editor().selection].map(rename) : []))
    return true
  } catch (error) {
    const isGone = error instanceof ApiError && error.status === 404
    if (request === latest) toast(isGone ? "That stage can't be opened." : (error as Error).message)
    return false
  }
}

function draw(
  { path, template, mayOpen, sources, state, media, uses }: Inside,
  run: string | null,
  selection: ReadonlySet<string>,
): void {
  const { mode } = editor()
  const { doc, wiring, tools, media: links, canEdit, issues } = documentOf(editor())
  const around = { doc, wiring, tools, media: links, canEdit, issues }
  const table = tools.withUses(uses)
  keepFocus()
  closeInspector()
  useEditor.setState({
    inside: { path, template, mayOpen, sources, run, around, leave: () => leaveTo(null) },
    doc: state,
    tools: table,
    wiring: readWiring(state, table),
    media,
    canEdit: false,
    issues: [],
    selection,
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
