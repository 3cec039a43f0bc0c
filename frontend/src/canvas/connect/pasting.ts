/** Pasting of stages, a template, or words for a note. Files and copies come with it. */

import type { Json } from '../../api/schema'
import { isObject, own } from '../../document/ops'
import { act, say, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import { open } from '../../editor/pendingImport'
import { editor } from '../../editor/store'
import { addUses } from '../../editor/uses'
import { readStage } from '../../graph/documentReaders'
import type { Edit } from '../../graph/edit'
import { paste } from '../../graph/edits/pasting'
import { addNote } from '../../graph/edits/places'
import type { Point } from '../../graph/geometry'
import { referencesOf } from '../../graph/templates'
import { clean, listed, wordsOf } from '../../graph/words'
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
  const templates = [...referencesOf(stagesIn(clip.value))].filter(
    (name) => tools.use(name) === null,
  )
  if ([...referencesIn(clip.value)].every(isKnown) && templates.length === 0)
    pasteStages(clip.value, 0, at)
  else void bringStages(clip.value, references, templates, at)
}

/** Stages of another document: media that are this person's come along, others stay behind. */
async function bringStages(
  value: Json,
  known: ReadonlySet<string>,
  templates: readonly string[],
  at: Point | null,
): Promise<void> {
  const refusals = await addUses(templates)
  let result: { value: Json; dropped: number }
  try {
    result = await withOwnMedia(value, { known, links: new Map(), api, host: location.host })
  } catch {
    // No one can say now whose they are.
    result = withoutForeign(value, (reference) => known.has(reference))
  }
  pasteStages(result.value, result.dropped, at)
  if (refusals.length > 0) toast(refusedWords(value, refusals))
}

/** "The template of “Shot” isn't available here." */
function refusedWords(value: Json, references: readonly string[]): string {
  const stages = stagesIn(value).filter((record) =>
    references.some((reference) => referencesOf([record]).has(reference)),
  )
  const names = listed(
    stages.map(readStage).map(({ label, id }) => `“${clean(label) || wordsOf(id)}”`),
  )
  return stages.length > 1
    ? `The templates of ${names} aren't available here.`
    : `The template of ${names} isn't available here.`
}

function stagesIn(value: Json): readonly Json[] {
  const stages = isObject(value) ? own(value, 'stages') : undefined
  return Array.isArray(stages) ? stages : []
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
