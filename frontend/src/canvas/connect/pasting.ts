/** Pasting of stages, a template, or words for a note. Files and copies come with it. */

import type { Json } from '../../api/schema'
import { act, say, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import { open } from '../../editor/pendingImport'
import { editor, whyViewOnly } from '../../editor/store'
import { bringUses, unknownUses } from '../../editor/uses'
import type { Edit } from '../../graph/edit'
import { paste } from '../../graph/edits/pasting'
import { addNote } from '../../graph/edits/places'
import type { Point } from '../../graph/geometry'
import { inRoom, inView } from '../room'
import { reveal } from '../view'
import { readClipText, withoutForeign } from './clip'
import { referencesIn, withOwnMedia } from './owned'

export { duplicate } from '../../graph/edits/pasting'
export { bringFiles } from './files'

const NOTE_LIMIT = 4_000
const ORIGIN = { x: 0, y: 0 }

/** Paste text. at: where; null: in view. */
export function pasteText(text: string, at: Point | null): void {
  const reason = whyViewOnly(editor())
  if (reason !== null) {
    toast(reason)
    return
  }
  const clip = readClipText(text)
  if (clip.type === 'template') {
    open(text)
    return
  }
  const { doc, media, tools } = editor()
  if (clip.type === 'words') {
    const words = text.trim().slice(0, NOTE_LIMIT)
    if (words) put(addNote(doc, at ?? ORIGIN, words), at)
    return
  }
  const references = new Set([...Object.keys(media), ...referencesIn(doc as unknown as Json)])
  const isKnown = (reference: string) => references.has(reference)
  const needsNothing = unknownUses(clip.value, tools).length === 0
  if (needsNothing && [...referencesIn(clip.value)].every(isKnown)) pasteStages(clip.value, 0, at)
  else void bringStages(clip.value, references, at)
}

/** Stages of another document: media that are this person's come along, others stay behind. */
async function bringStages(
  value: Json,
  known: ReadonlySet<string>,
  at: Point | null,
): Promise<void> {
  const unavailable = await bringUses(value)
  let result: { value: Json; dropped: number }
  try {
    result = await withOwnMedia(value, { known, links: new Map(), api, host: location.host })
  } catch {
    // No one can say now whose they are.
    result = withoutForeign(value, (reference) => known.has(reference))
  }
  pasteStages(result.value, result.dropped, at)
  if (unavailable) toast(unavailable)
}

function pasteStages(value: Json, dropped: number, at: Point | null): void {
  const pasteEdit = paste(editor().doc, JSON.stringify(value), at ?? ORIGIN)
  if ('problem' in pasteEdit) {
    toast(pasteEdit.problem)
    return
  }
  if (!put(pasteEdit, at)) return
  say(`${pasteEdit.label}.`)
  if (dropped > 0)
    toast(
      dropped === 1
        ? "1 file belongs to someone else and wasn't copied. Choose a replacement."
        : `${dropped} files belong to someone else and weren't copied. Choose replacements.`,
    )
}

/** Do an edit that adds something, in free room, and show all of it. */
function put(edit: Edit, at: Point | null): boolean {
  if (!act(at ? inRoom(edit) : inView(edit))) return false
  reveal(edit.select ?? [])
  return true
}
