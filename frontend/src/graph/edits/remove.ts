/** Taking stages away without tearing what hung on them. */

import type { Doc } from '../../api/schema'
import { row } from '../../document/ops'
import { INPUTS, producersOf, readableStages, stageOf } from '../documentReaders'
import { bindingText, type End, replaceAt } from '../edges'
import { Draft, type Edit, edit, fieldOf, nameOf, targetOf } from '../edit'
import { fillsList, INSIDE, type Wire, type Wiring } from '../wiring'
import { rewriteStage } from './names'
import { removeOutputsOf } from './outputs'
import { removeSeeds } from './seeds'

/**
 * Remove stages, frames and notes. heal: what took a removed stage's result takes instead what that
 * stage took, where the kinds fit. Other bindings to it are removed from their arguments.
 */
export function removeNodes(
  doc: Doc,
  wiring: Wiring,
  ids: readonly string[],
  { heal = false }: { heal?: boolean } = {},
): Edit {
  const draft = new Draft(doc)
  const stages = ids.filter((id) => row(doc, 'stages', id) !== undefined)
  const stageIds = new Set(stages)
  const torn = wiring.edges.filter(
    (wire) => stageIds.has(wire.source) && !stageIds.has(wire.target),
  )
  // From the last place of a list to the first, so that places stay what they are.
  for (const wire of torn.toReversed()) {
    // What is inside a stage is not connected here: names that no one makes are forgotten below.
    if (wire.isImplied || wire.targetSocket === INSIDE) continue
    const source = heal ? healingEnd(wiring, stageIds, wire) : null
    const isList = wire.place !== null || fillsList(wiring, wire)
    const isOrder = wire.field.length === 1 && wire.argument.endsWith('ArtifactsIn')
    const text = source && !isOrder ? bindingText(draft, source, wire.target, isList) : undefined
    replaceAt(draft, wire, text)
  }
  if (stageIds.size > 0) forget(draft, doc, stageIds)
  for (const id of ids) {
    if (id === INPUTS) continue
    const { table, key } = targetOf(doc, id)
    if (table === 'nodes') removeSeeds(draft, key)
    const tables = table === 'nodes' ? (['stages', 'nodes'] as const) : [table]
    for (const each of tables)
      if (row(draft.doc, each, key) !== undefined) draft.add({ op: 'remove', table: each, key })
  }
  const first = ids[0] ?? ''
  const label = ids.length === 1 ? `Delete ${nameOf(doc, first)}` : `Delete ${ids.length} items`
  return edit(label, draft.ops, [])
}

/** Return the removed stage's own source of the wire's kind, for the wire's target to take. */
function healingEnd(wiring: Wiring, gone: ReadonlySet<string>, wire: Wire): End | null {
  const visits = new Set<string>()
  let at = wire.source
  while (!visits.has(at)) {
    visits.add(at)
    const into = (wiring.into.get(at) ?? []).filter(
      (known) =>
        known.kind === wire.kind && known.targetSocket.startsWith('port:') && !known.isBackward,
    )
    const feed = into.find((known) => !known.isImplied) ?? into[0]
    if (!feed) return null
    if (feed.source === wire.target) return null
    if (!gone.has(feed.source)) return { node: feed.source, socket: feed.sourceSocket }
    at = feed.source
  }
  return null
}

/** Names of what no one makes any more, where no wire showed them. */
function forget(draft: Draft, doc: Doc, gone: ReadonlySet<string>): void {
  const producers = producersOf(doc)
  const lostNames = new Set<string>()
  for (const key of gone)
    for (const name of stageOf(doc, key).makes)
      if ((producers.get(name) ?? []).every((producer) => gone.has(producer))) lostNames.add(name)
  if (lostNames.size === 0) return
  removeOutputsOf(draft, lostNames)
  for (const key of readableStages(doc)) {
    if (gone.has(key)) continue
    rewriteStage(draft, key, (read) =>
      read.type === 'ref' && read.root === 'artifacts' && lostNames.has(read.name)
        ? undefined
        : read.text,
    )
    for (const field of ['requiredArtifactsIn', 'optionalArtifactsIn']) {
      const names = fieldOf(row(draft.doc, 'stages', key), [field])
      if (!Array.isArray(names)) continue
      const remaining = names.filter((name) => typeof name !== 'string' || !lostNames.has(name))
      if (remaining.length < names.length)
        draft.set('stages', key, [field], remaining.length > 0 ? remaining : undefined)
    }
  }
}
