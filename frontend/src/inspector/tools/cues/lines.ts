/** The lines of a stage as the document has them: a list of cues, or a subtitle file's text. */

import type { Doc, Json } from '../../../api/schema'
import { isObject } from '../../../document/ops'
import { editor } from '../../../editor/store'
import { readText } from '../../../graph/bindings'
import { Draft, type Edit, edit, nameOf } from '../../../graph/edit'
import type { ToolTable } from '../../../graph/tools'
import { argumentSlot } from '../../stage/argument'
import { byTime, type Cue } from './cues'
import { readSubtitles, writeSrt } from './srt'

export interface Lines {
  readonly cues: readonly Cue[]
  /** The argument that holds them. bound: they come with the run, from somewhere else. */
  readonly from: 'cues' | 'srt' | 'nothing' | 'bound'
}

const STARTS = ['startSeconds', 'start_seconds', 'start']
const ENDS = ['endSeconds', 'end_seconds', 'end']

export function readLines(doc: Doc, tools: ToolTable, node: string): Lines {
  const cues = argumentSlot(doc, tools, node, 'cues', '').value
  const srt = argumentSlot(doc, tools, node, 'srt', '').value
  if (isBound(cues)) return { cues: [], from: 'bound' }
  if (Array.isArray(cues) && cues.length > 0) return { cues: byTime(cues.map(cueOf)), from: 'cues' }
  if (isBound(srt)) return { cues: [], from: 'bound' }
  if (typeof srt === 'string' && srt.trim() !== '')
    return { cues: readSubtitles(srt).cues, from: 'srt' }
  return { cues: [], from: 'nothing' }
}

function isBound(value: Json | undefined): boolean {
  return typeof value === 'string' && readText(value).type !== 'literal'
}

function cueOf(given: Json): Cue {
  const numberAt = (names: readonly string[]) => {
    const values = isObject(given) ? names.map((name) => given[name]) : []
    return values.find((value) => typeof value === 'number') ?? 0
  }
  const text = isObject(given) && typeof given.text === 'string' ? given.text : ''
  return { start: numberAt(STARTS), end: numberAt(ENDS), text }
}

/** The lines as cues; a file's text beside them goes, for it would say something else. */
export function writeCues(node: string, cues: readonly Cue[], what: string): Edit {
  const records = cues.map(({ start, end, text }) => ({
    startSeconds: start,
    endSeconds: end,
    text,
  }))
  return write(node, records.length > 0 ? records : undefined, undefined, what)
}

/** The lines as the text of an SRT file, instead of cues. */
export function writeText(node: string, cues: readonly Cue[]): Edit {
  return write(node, undefined, writeSrt(cues), 'Save as SRT text')
}

function write(node: string, cues: Json | undefined, srt: Json | undefined, what: string): Edit {
  const { doc, tools } = editor()
  const draft = new Draft(doc)
  draft.setField(node, argumentSlot(doc, tools, node, 'cues', '').field, cues)
  draft.setField(node, argumentSlot(doc, tools, node, 'srt', '').field, srt)
  return edit(`${what}: ${nameOf(doc, node)}`, draft.ops)
}
