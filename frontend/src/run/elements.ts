/** Opening the stages of a node, or of one element of a batch over a template. */

import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import { isElement } from './shared/batches'
import { runs } from './store'

export const opening = onDemand(new Deferred(() => import('../editor/openStage')), 'Opening')

/** Show the stages of an item that is an element of a batch over a template. False: it is none. */
export function openElement(item: string): boolean {
  const { steps } = runs()
  const step = steps[item]
  const isWhole = step !== undefined && isElement(step, steps)
  if (isWhole) void opening((code) => code.openElement(item))
  return isWhole
}
