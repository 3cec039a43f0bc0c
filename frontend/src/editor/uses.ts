/** Templates that stages of this one may be, by what the server says of them. */

import type { ApiError } from '../api/http'
import type { Json, Use } from '../api/schema'
import { isObject, own } from '../document/ops'
import { readStage } from '../graph/documentReaders'
import { referencesOf, withTemplates } from '../graph/templates'
import type { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import { clean, listed, wordsOf } from '../graph/words'
import { open } from './actions'
import { api } from './api'
import { BOOT, documentOf, editor, setDocument } from './store'

/** Have the editor know these from now on, and those it knew. */
export function learnUses(uses: readonly Use[]): void {
  const { doc, tools, wiring } = documentOf(editor())
  const news = uses.filter((use) => !isKnown(tools, use))
  if (news.length === 0) return
  const table = tools.withUses(news)
  setDocument({ tools: table, wiring: readWiring(doc, table, wiring) })
}

function isKnown(tools: ToolTable, use: Use): boolean {
  return JSON.stringify(tools.use(use.reference)) === JSON.stringify(use)
}

/**
 * Allow stages to be a version of a template; version "": the newest. asks: not where others come to
 * see a private one by it. Throws ApiError.
 */
export async function addUse(template: string, version = '', asks = false): Promise<Use> {
  const { use } = await api.addUse(BOOT.templateId, { template, version, asks })
  learnUses([use])
  return use
}

/** List the templates that copied stages are and the editor knows nothing of. value: the copy. */
export function unknownUses(value: Json, tools: ToolTable): string[] {
  return [...referencesOf(stagesIn(value))].filter((reference) => tools.use(reference) === null)
}

/**
 * Make private templates of those that come in a file with stages. Returns the stages with what
 * these are called here. Throws ApiError, and then there is none of them.
 */
export async function bringTemplates(value: Json, templates: Json): Promise<Json> {
  const names = unknownUses(value, editor().tools)
  if (templates === null || names.length === 0) return value
  const answer = await api.unbundle(BOOT.templateId, { templates, names })
  learnUses(answer.uses)
  return withTemplates(value, answer.names)
}

/**
 * Allow copied stages to be the templates they are. Returns a sentence that names the stages whose
 * template cannot be had here; "" for none.
 */
export async function bringUses(value: Json): Promise<string> {
  const refusals: string[] = []
  const hidden: string[] = []
  for (const reference of unknownUses(value, editor().tools))
    await addReference(reference, true).catch((error) => {
      const asks = (error as ApiError).code === 'template.shown_to_others'
      ;(asks ? hidden : refusals).push(reference)
    })
  if (hidden.length > 0) await agreement(hidden.length)
  for (const reference of hidden)
    await addReference(reference).catch(() => refusals.push(reference))
  const stages = stagesIn(value).filter((record) =>
    refusals.some((reference) => referencesOf([record]).has(reference)),
  )
  const names = stages.map(readStage).map(({ label, id }) => `“${clean(label) || wordsOf(id)}”`)
  if (names.length === 0) return ''
  return names.length > 1
    ? `The templates of ${listed(names)} aren't available here.`
    : `The template of ${names[0]} isn't available here.`
}

function addReference(reference: string, asks = false): Promise<Use> {
  const [, template = '', version = ''] = /^template:([^@]+)(?:@(.+))?$/.exec(reference) ?? []
  return addUse(template, version, asks)
}

/** Ask a person to agree that others can see the templates they bring. Never settles on Cancel. */
function agreement(count: number): Promise<void> {
  const what = count === 1 ? 'a private template' : `${count} private templates`
  return new Promise((resolve) =>
    open({
      name: 'confirm',
      title: `Bring ${what} along`,
      text: `Everyone who works on “${editor().template.name}” will be able to open ${count === 1 ? 'it' : 'them'}.`,
      action: 'Bring along',
      run: resolve,
    }),
  )
}

function stagesIn(value: Json): readonly Json[] {
  const stages = isObject(value) ? own(value, 'stages') : undefined
  return Array.isArray(stages) ? stages : []
}
