/** What is pasted: stages, a template, or words for a note. Files and copies come with it. */

import type { Json } from '../api/schema'
import { act, say, toast } from '../editor/actions'
import { api } from '../editor/api'
import { editor, type Point } from '../editor/store'
import { paste } from '../graph/edits/pasting'
import { addNote } from '../graph/edits/places'
import { referencesIn, withOwnMedia } from '../io/owned'
import { open } from '../io/pending'
import { readClipText, withoutForeign } from './clip'

export { duplicate } from '../graph/edits/pasting'
export { bringFiles } from './files'

const NOTE_LIMIT = 4_000

/** Paste text. at: where; shifted: the same place, unless something was pasted there just now. */
export function pasteText(text: string, at: Point, shifted: (at: Point) => Point): void {
  const clip = readClipText(text)
  if (clip.type === 'template') {
    open(text)
    return
  }
  const { doc, media } = editor()
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
