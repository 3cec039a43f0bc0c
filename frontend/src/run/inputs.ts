/** The template's inputs, as far as a run needs them. */

import type { Doc } from '../api/schema'
import { isObject, own, row } from '../document/ops'
import { inputOf } from '../graph/documentReaders'

/** The inputs a run cannot do without and that nothing is given for: their keys and titles. */
export function missingInputs(doc: Doc): { key: string; title: string }[] {
  return doc.inputs.order.flatMap((key) => {
    const record = row(doc, 'inputs', key)
    if (!inputOf(doc, key).isRequired || !isObject(record)) return []
    const testRecord = row(doc, 'values', key)
    const testValue = isObject(testRecord) ? own(testRecord, 'value') : undefined
    if (isGiven(testValue) || isGiven(own(record, 'default'))) return []
    return [{ key, title: inputOf(doc, key).title }]
  })
}

function isGiven(value: unknown): boolean {
  const isEmptyList = Array.isArray(value) && value.length === 0
  return value !== undefined && value !== null && value !== '' && !isEmptyList
}
