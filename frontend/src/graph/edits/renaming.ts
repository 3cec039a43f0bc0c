/** Inputs and artifacts, renamed wherever they are named. */

import type { Doc } from '../../api/schema'
import { row } from '../../document/ops'
import { renameRef } from '../bindings'
import { inputOf, producersOf, readableStages, stageOf } from '../documentReaders'
import { Draft, type Edit, edit, fieldOf, nameOf } from '../edit'
import { unused } from '../words'
import { freeName, rewriteRefs, rewriteStage } from './names'
import { renameOutputSource } from './outputs'

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/

/** Return the reason against a name of an input, or null. key: the input, if there is one. */
export function inputNameProblem(doc: Doc, name: string, key?: string): string | null {
  if (!NAME.test(name))
    return 'Start with a letter or _. Use letters, digits, _ and -, up to 64 characters.'
  const other = doc.inputs.order.find((known) => known !== key && inputOf(doc, known).name === name)
  return other === undefined ? null : 'Another input has this name.'
}

/** Rename an input, and every binding that names it. A name that is taken gets a number. */
export function renameInput(doc: Doc, key: string, name: string): Edit {
  const draft = new Draft(doc)
  const old = inputOf(doc, key).name
  const newName = inputNameProblem(doc, name, key) ? freeName(doc, name, key) : name
  const label = `Rename ${nameOf(doc, key)} to ${newName}`
  if (newName === old || row(doc, 'inputs', key) === undefined) return edit(label, [])
  draft.set('inputs', key, ['name'], newName)
  // A second input of that name is no one's: bindings mean the first.
  const isNamed = doc.inputs.order.find((known) => inputOf(doc, known).name === old) === key
  if (isNamed && old !== '')
    rewriteRefs(draft, (read) => {
      if (read.type !== 'ref' || read.root !== 'inputs' || read.name !== old) return read.text
      return renameRef(read, newName)
    })
  return edit(label, draft.ops)
}

/** Rename what a stage produces, wherever its result is meant. A taken name gets a number. */
export function renameArtifact(doc: Doc, key: string, old: string, name: string): Edit {
  const draft = new Draft(doc)
  const { produces } = stageOf(doc, key)
  const producers = producersOf(doc)
  const plainName = name.trim().replace(/[.[\]]+/g, '-')
  const newName = unused(plainName, (taken) => taken !== old && producers.has(taken))
  const label = `Rename the result ${old} to ${newName}`
  if (newName === '' || newName === old || !produces.includes(old)) return edit(label, [])
  const places = new Map(doc.stages.order.map((stage, place) => [stage, place]))
  const isMeant = (target: string) => {
    const end = places.get(target) ?? 0
    const makers = producers.get(old) ?? []
    const before = makers.filter((producer) => (places.get(producer) ?? 0) < end)
    return (before.at(-1) ?? makers[0]) === key
  }
  draft.set(
    'stages',
    key,
    ['produces'],
    produces.map((made) => (made === old ? newName : made)),
  )
  for (const target of readableStages(doc)) {
    if (!isMeant(target)) continue
    rewriteStage(draft, target, (read) =>
      read.type === 'ref' && read.root === 'artifacts' && read.name === old
        ? renameRef(read, newName)
        : read.text,
    )
    for (const field of ['requiredArtifactsIn', 'optionalArtifactsIn']) {
      const names = fieldOf(row(draft.doc, 'stages', target), [field])
      if (Array.isArray(names) && names.includes(old))
        draft.set(
          'stages',
          target,
          [field],
          names.map((made) => (made === old ? newName : made)),
        )
    }
    const condition = ['condition', 'artifactName']
    if (fieldOf(row(draft.doc, 'stages', target), condition) === old)
      draft.set('stages', target, condition, newName)
  }
  if (producers.get(old)?.at(-1) === key) renameOutputSource(draft, old, newName)
  return edit(label, draft.ops)
}
