/** Copy, cut and paste, through the browser's own events: across tabs, and into any text editor. */

import { act, say, toast } from '../../editor/actions'
import { editor } from '../../editor/store'
import { isTyping } from '../../frame/events'
import { copy } from '../../graph/edits/copying'
import { removeNodes } from '../../graph/edits/remove'
import type { Point } from '../../graph/geometry'
import { INPUTS } from '../../graph/wiring'
import { camera } from '../view'
import { bring } from './bringing'

/** In the window, while it is over the canvas. */
let pointer: Point | null = null

/** Listen to the document. Returns what stops it. */
export function listenToClipboard(): () => void {
  const onCopy = (event: ClipboardEvent) => give(event, false)
  const onCut = (event: ClipboardEvent) => give(event, true)
  const onMove = (event: PointerEvent) => {
    const isOver = event.target instanceof Element && event.target.closest('.work-area') !== null
    pointer = isOver ? { x: event.clientX, y: event.clientY } : null
  }
  document.addEventListener('copy', onCopy)
  document.addEventListener('cut', onCut)
  document.addEventListener('paste', take)
  document.addEventListener('pointermove', onMove, { passive: true })
  return () => {
    document.removeEventListener('copy', onCopy)
    document.removeEventListener('cut', onCut)
    document.removeEventListener('paste', take)
    document.removeEventListener('pointermove', onMove)
  }
}

/** List the ids to copy: the selection without the inputs, which go along by themselves. */
export function copyableIds(): string[] {
  return [...editor().selection].filter((id) => id !== INPUTS)
}

/** The selection as text, or null when nothing is selected. */
export function clipText(): string | null {
  const ids = copyableIds()
  return ids.length > 0 ? copy(editor().doc, ids) : null
}

export function duplicateNow(): void {
  const ids = copyableIds()
  void bring(({ duplicate }) => act(duplicate(editor().doc, ids)))
}

/** Copy by menu or palette, where there is no event of the browser's. */
export async function copyNow(isCut: boolean): Promise<void> {
  const text = clipText()
  if (text === null) return
  try {
    await navigator.clipboard.writeText(text)
    sayCopied(isCut)
  } catch {
    toast('Your browser blocked copying. Press Ctrl C.')
  }
}

export async function pasteNow(): Promise<void> {
  try {
    pasteText(await navigator.clipboard.readText())
  } catch {
    toast('Your browser blocked pasting. Press Ctrl V.')
  }
}

function isOurs(event: ClipboardEvent): boolean {
  if (isTyping(event) || editor().phase !== 'open' || editor().dialog) return false
  // What is pasted into a window of the inspector is not meant for the canvas behind it.
  if (document.querySelector('dialog[open]')) return false
  return editor().mode !== 'compare'
}

function give(event: ClipboardEvent, isCut: boolean): void {
  if (!isOurs(event) || !event.clipboardData) return
  // Words that are marked somewhere are meant, not the stages.
  if (!document.getSelection()?.isCollapsed && document.getSelection()?.toString()) return
  const text = clipText()
  if (text === null) return
  event.preventDefault()
  event.clipboardData.setData('text/plain', text)
  sayCopied(isCut)
}

function sayCopied(isCut: boolean): void {
  const ids = copyableIds()
  const what = ids.length === 1 ? '1 item' : `${ids.length} items`
  if (isCut && editor().canEdit) {
    const { doc, wiring } = editor()
    const removal = removeNodes(doc, wiring, ids, { heal: true })
    act({ ...removal, label: `Cut ${what}` })
    say(`Cut ${what}.`)
  } else say(`Copied ${what}.`)
}

function take(event: ClipboardEvent): void {
  if (!isOurs(event) || !event.clipboardData) return
  const files = [...event.clipboardData.files]
  const text = event.clipboardData.getData('text/plain')
  if (files.length === 0 && !text) return
  event.preventDefault()
  if (files.length > 0) void bring((code) => code.bringFiles(files))
  else pasteText(text)
}

/** Paste at the pointer, else in the middle of what is seen. */
function pasteText(text: string): void {
  const at = pointer && camera.toPlane(pointer)
  void bring((code) => code.pasteText(text, at))
}
