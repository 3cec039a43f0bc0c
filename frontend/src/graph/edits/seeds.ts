/** The seeds kept beside a document. Twin of templates_app/graph/kept_seeds.py. */

import type { Doc } from '../../api/schema'
import { row } from '../../document/ops'
import { stageOf } from '../documentReaders'
import type { Draft } from '../edit'
import { insideOf } from '../nesting'

/** List the keys of the seeds of a stage and of what is inside it. */
export function seedKeys(doc: Doc, key: string): string[] {
  const inside = new Set(insideOf(stageOf(doc, key)).map(({ stage }) => stage.id))
  const isOther = (name: string) => name !== key && row(doc, 'stages', name) !== undefined
  return doc.seeds.order.filter((seed) => {
    const holder = around(seed, (name) => name === key || inside.has(name) || isOther(name))
    return holder !== undefined && !isOther(holder)
  })
}

/** Remove the seeds of a stage and of what is inside it. */
export function removeSeeds(draft: Draft, key: string): void {
  for (const seed of seedKeys(draft.doc, key))
    draft.add({ op: 'remove', table: 'seeds', key: seed })
}

/** Find the longest part of a step's key, up to a dot, that is a name. */
export function around(step: string, isName: (name: string) => boolean): string | undefined {
  for (let name = step; ; name = name.slice(0, name.lastIndexOf('.'))) {
    if (isName(name)) return name
    if (!name.includes('.')) return undefined
  }
}
