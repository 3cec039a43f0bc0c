/** The plan that is kept beside a document: one row of a table of its own. */

import type { Doc, Json } from '../api/schema'
import { isObject, row } from '../document/ops'
import type { KeptPlan } from './planTypes'

/** Return the plan that the stages were made by, or null. */
export function keptPlan(doc: Doc): KeptPlan | null {
  const plan = row(doc, 'plan', 'plan')
  return isObject(plan) && isObject(plan.settings) ? (plan as KeptPlan) : null
}

/** A short hash of stages and inputs. The order of an object's fields says nothing. */
export function fingerprint({ stages, inputs }: Doc): string {
  const text = JSON.stringify([stages, inputs], (_, value: Json) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(byName)) : value,
  )
  let [low, high] = [0x811c9dc5, 0x01000193]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x5bd1e995)
  }
  return [low, high].map((half) => (half >>> 0).toString(36)).join('')
}

function byName([one]: [string, Json], [other]: [string, Json]): number {
  return one < other ? -1 : 1
}
