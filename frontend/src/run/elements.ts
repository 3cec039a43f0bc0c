/** Opening the stages of a node, or of one element of a batch over a template. */

import type { Crumb } from '../api/schema'
import { editor } from '../editor/store'
import { stageOf } from '../graph/documentReaders'
import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import { isElement } from './shared/batches'
import { type RunStore, runs } from './store'

export const opening = onDemand(new Deferred(() => import('../editor/openStage')), 'Opening')

/** Show the stages of a node; of one that is repeated, those of its first element in the run. */
export function openNode(node: string): void {
  const { doc, inside, wiring } = editor()
  const key = inside ? node : stageOf(doc, node).id || node
  const [first] = wiring.nodes.get(node)?.repeats ? elementsOf(runs(), key) : []
  void opening((code) => code.openInside(first ?? key, runs().run?.id ?? null))
}

/** Show the stages of an item that is an element of a batch over a template. False: it is none. */
export function openElement(item: string): boolean {
  const { steps } = runs()
  const step = steps[item]
  const isWhole = step !== undefined && isElement(step, steps)
  if (isWhole) void opening((code) => code.openInside(item, runs().run?.id ?? null))
  return isWhole
}

/** List the keys of the elements that a batch over a template has in a run, in order. */
export function elementsOf({ run, steps }: Pick<RunStore, 'run' | 'steps'>, batch: string) {
  return (run?.items?.[batch] ?? []).filter((key) => isElement(steps[key], steps))
}

/** Return how a plan names a step: that of an element, as that of every one. path: to the step. */
export function plannedKey(key: string, path: readonly Crumb[]): string {
  // From the inside out, as an element's key begins with those around it.
  return path.reduceRight((rest, crumb, at) => {
    const batch = path[at - 1]
    const isIn =
      crumb.isElement && batch && (rest === crumb.key || rest.startsWith(`${crumb.key}.`))
    return isIn ? batch.key + rest.slice(crumb.key.length) : rest
  }, key)
}
