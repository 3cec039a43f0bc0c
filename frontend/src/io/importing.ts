/** The import of a template: in the draft's place, or beside it. */

import type { Json, JsonObject } from '../api/schema'
import { referencesIn, withOwnMedia } from '../canvas/connect/owned'
import { sceneOf } from '../canvas/scene'
import { diff } from '../document/diff'
import { act, closeDialog, toast } from '../editor/actions'
import { api } from '../editor/api'
import { runCommand } from '../editor/commands'
import { editor } from '../editor/store'
import { bringTemplates, bringUses } from '../editor/uses'
import { paste } from '../graph/edits/pasting'
import { bounds } from '../graph/geometry'
import { countWords, documentOf, type Found } from './read'

const BESIDE = 96

/** Throws when the server cannot be asked which media are whose. */
export async function importTemplate(found: Found, how: 'replace' | 'add'): Promise<string | null> {
  const { doc, media } = editor()
  const references = new Set([...Object.keys(media), ...referencesIn(doc as unknown as Json)])
  const links = new Map(
    Object.entries(media).map(([reference, { url }]) => [
      new URL(url, location.href).pathname,
      reference,
    ]),
  )
  const here = { known: references, links, api, host: location.host }
  const { value, dropped } = await withOwnMedia(found.spec, here)
  const spec = await bringTemplates(value, found.templates)
  const own = { ...found, spec: spec as JsonObject }
  const unavailable = await bringUses(spec)
  const problem = how === 'replace' ? replace(own) : add(own)
  if (problem !== null) return problem
  closeDialog()
  requestAnimationFrame(() => runCommand('view.fit'))
  toast([summary(own, how), droppedWords(dropped), unavailable].filter(Boolean).join(' '))
  return null
}

function replace(found: Found): string | null {
  const { doc } = editor()
  const ops = diff(doc, documentOf(found, doc))
  if (ops.length === 0) return 'The draft already has these.'
  return act({ label: `Import ${found.name}`, ops, select: [] }) ? null : 'View only.'
}

function add(found: Found): string | null {
  const around = bounds(sceneOf().nodes.values())
  const at = around ? { x: around.x, y: around.y + around.height + BESIDE } : { x: 0, y: 0 }
  const pasteEdit = paste(editor().doc, JSON.stringify(found.spec), at)
  if ('problem' in pasteEdit) return pasteEdit.problem
  const label = `Add ${found.type === 'stages' ? countWords(found.stages, 'stage') : found.name}`
  return act({ ...pasteEdit, label }) ? null : 'Nothing new to add.'
}

function summary(found: Found, how: 'replace' | 'add'): string {
  const what = countWords(found.stages, 'stage')
  return how === 'replace'
    ? `Imported ${found.name} (${what}). Undo restores your draft.`
    : `${what} added.`
}

function droppedWords(dropped: number): string {
  if (dropped === 0) return ''
  return dropped === 1
    ? "1 file belongs to someone else and wasn't imported."
    : `${dropped} files belong to someone else and weren't imported.`
}
