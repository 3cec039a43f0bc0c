/** Copy, cut and paste, through the browser's own events: across tabs, and into any text editor. */

import type { Json } from '../api/schema'
import { boxOf } from '../canvas/scene'
import { camera } from '../canvas/view'
import { act, say, toast } from '../editor/actions'
import { api } from '../editor/api'
import { isTyping } from '../editor/commands'
import { editor, type Point } from '../editor/store'
import { centre } from '../editor/viewport'
import { addNote, copy, paste, removeNodes } from '../graph/edits'
import { bounds } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import { referencesIn, withOwnMedia } from '../io/owned'
import { open } from '../io/pending'
import { readClipText, withoutForeign } from './clip'
import { bringFiles } from './files'

const NOTE_LIMIT = 4_000
/** What is pasted twice at one place is shifted, so that both are seen. */
const SHIFT = 32

let pointer: Point | null = null
let last: { x: number; y: number; times: number } | null = null

/** Listen to the document. Returns what stops it. */
export function listenToClipboard(): () => void {
  const onCopy = (event: ClipboardEvent) => give(event, false)
  const onCut = (event: ClipboardEvent) => give(event, true)
  const onMove = (event: PointerEvent) => {
    const isOver = event.target instanceof Element && event.target.closest('.can') !== null
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

/** What would be copied: what is selected, without the inputs, which go along by themselves. */
export function copied(): string[] {
  return [...editor().selection].filter((id) => id !== INPUTS)
}

/** The selection as text, or null when nothing is selected. */
export function clipText(): string | null {
  const ids = copied()
  return ids.length > 0 ? copy(editor().doc, ids) : null
}

/** Copy by menu or palette, where there is no event of the browser's. */
export async function copyNow(isCut: boolean): Promise<void> {
  const text = clipText()
  if (text === null) return
  try {
    await navigator.clipboard.writeText(text)
    said(isCut)
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
  said(isCut)
}

function said(isCut: boolean): void {
  const ids = copied()
  const what = ids.length === 1 ? '1 item' : `${ids.length} items`
  last = null
  if (isCut && editor().canEdit) {
    const { doc, wiring } = editor()
    const made = removeNodes(doc, wiring, ids, { heal: true })
    act({ ...made, label: `Cut ${what}` })
    say(`Cut ${what}.`)
  } else say(`Copied ${what}.`)
}

function take(event: ClipboardEvent): void {
  if (!isOurs(event) || !event.clipboardData) return
  const files = [...event.clipboardData.files]
  const text = event.clipboardData.getData('text/plain')
  if (files.length === 0 && !text) return
  event.preventDefault()
  if (files.length > 0) void bringFiles(files)
  else pasteText(text)
}

/** Paste at the pointer, else in the middle of what is seen. */
export function pasteText(text: string): void {
  const clip = readClipText(text)
  if (clip.type === 'template') {
    open(text)
    return
  }
  const { doc, media } = editor()
  const at = pointer ? camera.toPlane(pointer) : centre()
  if (clip.type === 'words') {
    const words = text.trim().slice(0, NOTE_LIMIT)
    if (words) act(addNote(doc, at, words))
    return
  }
  const place = shifted(at)
  const known = new Set([...Object.keys(media), ...referencesIn(doc as unknown as Json)])
  const isKnown = (reference: string) => known.has(reference)
  if ([...referencesIn(clip.value)].every(isKnown)) pasteStages(clip.value, 0, place)
  else void bringStages(clip.value, known, place)
}

/** Stages of another document: media that are this person's come along, others stay behind. */
async function bringStages(value: Json, known: ReadonlySet<string>, at: Point): Promise<void> {
  let owned: { value: Json; dropped: number }
  try {
    owned = await withOwnMedia(value, { known, links: new Map(), api, host: location.host })
  } catch {
    // No one can say now whose they are.
    owned = withoutForeign(value, (reference) => known.has(reference))
  }
  pasteStages(owned.value, owned.dropped, at)
}

function pasteStages(value: Json, dropped: number, at: Point): void {
  const made = paste(editor().doc, JSON.stringify(value), at)
  if ('problem' in made) {
    toast(made.problem)
    return
  }
  if (!act(made)) return
  say(`${made.label}.`)
  if (dropped > 0)
    toast(
      dropped === 1
        ? "1 file belongs to someone else and wasn't copied. Choose a replacement."
        : `${dropped} files belong to someone else and weren't copied. Choose replacements.`,
    )
}

function shifted(at: Point): Point {
  const isSame = last !== null && Math.hypot(last.x - at.x, last.y - at.y) < 4
  last = { ...at, times: isSame && last ? last.times + 1 : 0 }
  return { x: at.x + SHIFT * last.times, y: at.y + SHIFT * last.times }
}

/** The box around these, where they are shown. */
export function around(ids: Iterable<string>) {
  return bounds([...ids].map(boxOf).filter((box) => box !== null))
}
