/** The meaning of a binding to people: the stage or the input that it takes from. */

import type { Doc, SocketKind } from '../api/schema'
import { BOOT } from '../editor/store'
import { type Broken, phraseWords, readText } from '../graph/bindings'
import { INPUTS, inputOf, inputsByName, producersOf, stageOf } from '../graph/documentReaders'
import { nameOf } from '../graph/edit'
import type { Wiring } from '../graph/wiring'
import { wordsOf } from '../graph/words'

const FIRST = '.items[0].selectedVersion.url'

export interface Source {
  readonly title: string
  readonly kind: SocketKind
  /** Beside the title: "Input", "2nd result". */
  readonly detail: string
  /** The node to jump to; with `$inputs` the input's key. */
  readonly node: string | null
  readonly input: string | null
  /** The reason that it means nothing, or "". */
  readonly problem: string
}

const NOTHING: Source = {
  title: '',
  kind: 'choice',
  detail: '',
  node: null,
  input: null,
  problem: '',
}

function problemOf({ why }: Broken): string {
  const words = phraseWords(why, BOOT.bindingPatterns)
  return words ? `Invalid reference: ${words}.` : 'Invalid reference.'
}

/** The source of a binding's text, as seen from a stage. */
export function sourceOf(doc: Doc, wiring: Wiring, text: string, stage: string | null): Source {
  const reference = readText(text)
  if (reference.type === 'literal') return { ...NOTHING, title: reference.text }
  if (reference.type === 'broken') return { ...NOTHING, title: text, problem: problemOf(reference) }
  if (reference.root === 'inputs') {
    const key = inputsByName(doc).get(reference.name)
    if (key === undefined)
      return { ...NOTHING, title: text, problem: `No input named “${reference.name}”.` }
    const tail = reference.text.slice(`$inputs.${reference.name}`.length)
    const title = nameOf(doc, key)
    const file = /^\[(\d+)\]$/.exec(tail)
    const detail = file ? fileWords(Number(file[1])) : `input ${tail}`.trimEnd()
    return { ...NOTHING, title, kind: inputOf(doc, key).kind, detail, node: INPUTS, input: key }
  }
  if (reference.root === 'artifacts') {
    const producers = producersOf(doc).get(reference.name) ?? []
    const end = stage === null ? doc.stages.order.length : doc.stages.order.indexOf(stage)
    const before = producers.filter((key) => doc.stages.order.indexOf(key) < end)
    const key = before.at(-1) ?? producers[0]
    if (key === undefined)
      return { ...NOTHING, title: text, problem: `No stage makes “${reference.name}”.` }
    const node = wiring.nodes.get(key)
    const detail = pathWords(reference.text.slice(`$artifacts.${reference.name}`.length))
    const problem =
      before.length === 0 && stage !== null ? 'It runs later. Move it before this stage.' : ''
    return {
      ...NOTHING,
      title: node?.title ?? key,
      kind: node?.kind ?? 'choice',
      detail,
      node: key,
      problem,
    }
  }
  if (reference.root !== 'item') return { ...NOTHING, title: reference.text, detail: 'this run' }
  const itemName = stage === null ? '' : stageOf(doc, stage).itemName
  return { ...NOTHING, title: itemWords(reference.name, itemName) }
}

/** Return words for one of an input's files; "" for the first, which has the input's name. */
function fileWords(at: number): string {
  return at === 0 ? '' : `file ${at + 1}`
}

/** Return the name of a field of a stage's item: "Each shot", "Each shot's text", "Shot number". */
function itemWords(field: string, itemName: string): string {
  const item = wordsOf(itemName) || 'Item'
  if (field === 'index') return `${item} number`
  const each = `Each ${item.toLowerCase()}`
  return field === '' || field === itemName ? each : `${each}'s ${wordsOf(field).toLowerCase()}`
}

function pathWords(path: string): string {
  if (path === FIRST) return ''
  const item = /^\.items\[(\d+)\]\.selectedVersion\.url$/.exec(path)
  if (item) return `result ${Number(item[1]) + 1}`
  if (/^\.items(\[\*\]\.selectedVersion\.url)?$/.test(path)) return 'all results'
  return path.replace(/^\./, '')
}
