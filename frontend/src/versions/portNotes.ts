/** Sentences on what stages meet that are taken to another version of their template. Pure. */

import type { Doc } from '../api/schema'
import { isObject, own, row, TEMPLATE } from '../document/ops'
import { readInput } from '../graph/documentReaders'
import { fieldOf } from '../graph/edit'
import { wordsOf } from '../graph/words'

/** List what goes away, then what is new, of inputs and of outputs. */
export function portNotes(from: Doc, to: Doc): string[] {
  const inputs = between(inputsOf(from), inputsOf(to))
  const outputs = between(outputsOf(from), outputsOf(to))
  const title = (name: string) => `“${wordsOf(name)}”`
  return [
    ...inputs.gone.map(
      ([name]) =>
        `${title(name)} goes away. Its connection is kept in the stage until you remove it.`,
    ),
    ...outputs.gone.map(
      ([name]) => `The output ${title(name)} goes away. Connect what takes it to something else.`,
    ),
    ...inputs.fresh.map(
      ([name, isRequired]) => `${title(name)} is new${isRequired ? ' and required' : ''}.`,
    ),
    ...outputs.fresh.map(([name]) => `The output ${title(name)} is new.`),
  ]
}

/** Compare names; each with whether it must be given. */
function between(before: ReadonlyMap<string, boolean>, after: ReadonlyMap<string, boolean>) {
  return {
    gone: [...before].filter(([name]) => !after.has(name)),
    fresh: [...after].filter(([name]) => !before.has(name)),
  }
}

function inputsOf({ inputs }: Doc): Map<string, boolean> {
  const names = inputs.order.flatMap((key): [string, boolean][] => {
    const record = inputs.rows[key] ?? null
    const { name } = readInput(record)
    const hasDefault = (fieldOf(record, ['default']) ?? null) !== null
    if (name === '' || (fieldOf(record, ['internal']) === true && hasDefault)) return []
    return [[name, fieldOf(record, ['required']) === true && !hasDefault]]
  })
  return new Map(names)
}

/** Those that are declared. Without a declaration, the main one alone is there, and it stays. */
function outputsOf(doc: Doc): Map<string, boolean> {
  const outputs = fieldOf(row(doc, 'root', TEMPLATE), ['outputs'])
  if (!isObject(outputs)) return new Map()
  return new Map(Object.keys(outputs).map((name) => [name, own(outputs, name) === null]))
}
