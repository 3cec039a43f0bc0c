/** The inspector's subject beside the selection: an input, a tab, a field to go to, the sheet. */

import { create } from 'zustand'
import type { Issue } from '../api/schema'
import { row } from '../document/ops'
import { INPUTS, readStage } from '../graph/documentReaders'
import { select } from './actions'
import { editor, useEditor } from './store'

export type Tab = 'settings' | 'result' | 'runs'

interface InspectorState {
  /** On phones the inspector is a sheet; shut until someone asks for it. */
  isOpen: boolean
  isFull: boolean
  tab: Tab
  /** The input that is edited, while the inputs are selected. */
  input: string | null
  /** The item of a batch whose result is shown. */
  item: string | null
  /** A field to focus once it is there: an argument or field name. */
  wanted: { node: string | null; field: string } | null
}

export const useInspector = create<InspectorState>(() => ({
  isOpen: false,
  isFull: false,
  tab: 'settings',
  input: null,
  item: null,
  wanted: null,
}))

const set = useInspector.setState

/** Show the inspector of what is selected, where it is a sheet. */
export function openInspector(): void {
  set({ isOpen: true })
}

export function closeInspector(): void {
  set({ isOpen: false, isFull: false })
}

export function setTab(tab: Tab): void {
  set({ tab })
}

/** Show the result of an item, or that of all. */
export function showItem(item: string | null): void {
  set({ item, tab: 'result' })
}

export function setFull(isFull: boolean): void {
  set({ isFull })
}

/** Edit one input; null: the list of all. */
export function showInput(key: string | null): void {
  if (key !== null) {
    select([INPUTS])
    openInspector()
  }
  set({ input: key })
}

/** Problems of the value that a run is given, not of the input itself. */
const ABOUT_VALUES: readonly string[] = ['missing_input', 'invalid_input_value']

/** Show an input and focus the value that runs in the editor are given. */
export function tryInput(key: string): void {
  inDocument(() => {
    showInput(key)
    set({ wanted: { node: INPUTS, field: 'try' } })
  })
}

/** Do something with the document itself, after leaving the stage that is open. */
function inDocument(go: () => void): void {
  const { inside: open } = editor()
  if (!open) {
    go()
    return
  }
  const stop = useEditor.subscribe(({ inside }) => {
    if (inside) return
    stop()
    go()
  })
  open.leave()
}

/** Go to what an issue is about: select it, open its settings, focus its field. */
export function goTo(issue: Issue): void {
  inDocument(() => show(issue))
}

function show(issue: Issue): void {
  const name = /^inputs\/([^/]+)/.exec(issue.path)?.[1]
  const { doc } = editor()
  const input = name === undefined ? undefined : inputCalled(name)
  if (input !== undefined) {
    if (ABOUT_VALUES.includes(issue.code)) {
      tryInput(input)
      return
    }
    showInput(input)
    set({ wanted: { node: INPUTS, field: issue.path.split('/')[2] ?? 'name' } })
    return
  }
  const key = issue.stageId
  const isThere = key !== null && Object.hasOwn(doc.stages.rows, key)
  select(isThere ? [key] : [])
  openInspector()
  const field = fieldOf(issue) ?? issue.path.split('/')[isThere ? 2 : 0] ?? ''
  set({ tab: 'settings', wanted: { node: isThere ? key : null, field } })
}

/** Select a stage, open its settings and focus one of its fields. */
export function showField(stage: string, field: string): void {
  select([stage])
  openInspector()
  set({ tab: 'settings', wanted: { node: stage, field } })
}

/** Select what has this id, and go to the field of its name. */
export function rename(id: string): void {
  select([id])
  openInspector()
  const field = id === INPUTS ? 'name' : id.startsWith('frame:') ? 'title' : 'label'
  set({ tab: 'settings', wanted: { node: id, field } })
}

/** The field of a stage's form that an issue is about: an argument may have several spellings. */
function fieldOf({ stageId, argument }: Issue): string | undefined {
  const { doc, tools } = editor()
  if (stageId === null || argument === undefined) return argument
  const tool = tools.get(readStage(row(doc, 'stages', stageId)).tool)
  if (!tool) return argument
  const { port, parameter } = tools.argument(tool, argument)
  return port?.argument ?? parameter?.name ?? argument
}

/** The wanted field was found, or is not there. */
export function clearTarget(): void {
  set({ wanted: null })
}

function inputCalled(name: string): string | undefined {
  const { inputs } = editor().doc
  return inputs.order.find((key) => {
    const record = inputs.rows[key]
    const isObject = typeof record === 'object' && record !== null && !Array.isArray(record)
    return isObject && record.name === name
  })
}
