/** Single fields of stages, inputs and the template, and what the maker tries them with. */

import type { Doc, Json } from '../../api/schema'
import { own, row } from '../../document/ops'
import { stageOf } from '../documentReaders'
import { Draft, type Edit, edit, nameOf } from '../edit'
import type { Socket } from '../sockets'
import type { Wiring } from '../wiring'
import { wordsOf } from '../words'
import { removeSeeds } from './seeds'

const SEED_MAX = 2 ** 32 - 1

/** Set an argument of a stage, or of a batch's item; undefined removes it. */
export function setArgument(
  doc: Doc,
  key: string,
  argument: string,
  value: Json | undefined,
): Edit {
  const draft = new Draft(doc)
  draft.setArgument(key, argument, value)
  return edit(`Change ${wordsOf(argument).toLowerCase()} of ${nameOf(doc, key)}`, draft.ops)
}

/** Call a stage something; "" takes its label away. */
export function setLabel(doc: Doc, key: string, label: string): Edit {
  const draft = new Draft(doc)
  draft.set('stages', key, ['label'], label.trim() === '' ? undefined : label)
  return edit(`Rename ${nameOf(doc, key)}`, draft.ops)
}

export function setStageField(
  doc: Doc,
  key: string,
  path: readonly string[],
  value: Json | undefined,
): Edit {
  const draft = new Draft(doc)
  draft.setField(key, path, value)
  return edit(
    `Change ${wordsOf(path.at(-1) ?? '').toLowerCase()} of ${nameOf(doc, key)}`,
    draft.ops,
  )
}

/** List those nodes that can be bypassed: media of the type they make comes in. */
export function bypassable(wiring: Wiring, ids: Iterable<string>, on: boolean): string[] {
  return [...ids].filter((id) => {
    const node = wiring.nodes.get(id)
    if (!node || node.isBypassed === on) return false
    const { tool, asks, repeats, inputs } = node
    const passes = ({ key, kind, isFilled }: Socket) =>
      key.startsWith('port:') && isFilled && kind === tool?.output
    return !on || (!asks && !repeats && inputs.some(passes))
  })
}

/** Leave stages out of runs, with what comes in passed on; or run them again. */
export function setBypass(doc: Doc, keys: readonly string[], on: boolean): Edit {
  const draft = new Draft(doc)
  for (const key of keys) draft.setField(key, ['bypass'], on || undefined)
  const what = keys.length === 1 ? nameOf(doc, keys[0] ?? '') : `${keys.length} stages`
  return edit(`${on ? 'Bypass' : 'Stop bypassing'} ${what}`, draft.ops)
}

/** Set a field of an input. Its name is `renameInput`'s: bindings say it. */
export function setInputField(
  doc: Doc,
  key: string,
  path: readonly string[],
  value: Json | undefined,
): Edit {
  const draft = new Draft(doc)
  draft.set('inputs', key, path, value)
  return edit(
    `Change ${wordsOf(path.at(-1) ?? '').toLowerCase()} of ${nameOf(doc, key)}`,
    draft.ops,
  )
}

/** Set a field of the template itself, such as its name. */
export function setTemplateField(doc: Doc, path: readonly string[], value: Json | undefined): Edit {
  const draft = new Draft(doc)
  draft.set('root', 'template', path, value)
  return edit(`Change ${wordsOf(path.at(-1) ?? '').toLowerCase()} of the template`, draft.ops)
}

/** Set the test value of an input; undefined: its default again. It is no part of the template. */
export function setValue(doc: Doc, key: string, value: Json | undefined): Edit {
  const label = `Change the test value of ${nameOf(doc, key)}`
  if (value !== undefined)
    return edit(label, [{ op: 'put', table: 'values', key, value: { value } }])
  const isThere = row(doc, 'values', key) !== undefined
  return edit(label, isThere ? [{ op: 'remove', table: 'values', key }] : [])
}

/** Hold a stage's seed, or let each run mint one (null). */
export function setSeed(doc: Doc, key: string, seed: number | null): Edit {
  const draft = new Draft(doc)
  writeSeed(draft, key, seed)
  const name = nameOf(doc, key)
  return edit(seed === null ? `Unlock seed of ${name}` : `Lock seed of ${name}`, draft.ops)
}

/** Give stages fresh seeds, so that they come out differently. */
export function reroll(
  doc: Doc,
  keys: readonly string[],
  random: () => number = Math.random,
): Edit {
  const draft = new Draft(doc)
  for (const key of keys)
    if (row(doc, 'stages', key) !== undefined) {
      // What is inside draws new ones when it runs.
      removeSeeds(draft, key)
      writeSeed(draft, key, Math.floor(random() * (SEED_MAX + 1)))
    }
  const what = keys.length === 1 ? nameOf(doc, keys[0] ?? '') : `${keys.length} stages`
  return edit(`New seed for ${what}`, draft.ops)
}

function writeSeed(draft: Draft, key: string, seed: number | null): void {
  const ownSeed = own(stageOf(draft.doc, key).args, 'seed')
  // A seed in the arguments is part of the template and comes before ours.
  if (typeof ownSeed === 'number') draft.setArgument(key, 'seed', seed ?? undefined)
  else if (seed !== null) draft.add({ op: 'put', table: 'seeds', key, value: { seed } })
  else if (row(draft.doc, 'seeds', key) !== undefined)
    draft.add({ op: 'remove', table: 'seeds', key })
}
