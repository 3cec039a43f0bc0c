/** Templates that stages of this one may be, by what the server says of them. */

import type { Json, Use } from '../api/schema'
import { isObject, own } from '../document/ops'
import { readStage } from '../graph/documentReaders'
import { referencesOf } from '../graph/templates'
import type { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
import { clean, listed, wordsOf } from '../graph/words'
import { api } from './api'
import { BOOT, editor, useEditor } from './store'

/** Have the editor know these from now on, and those it knew. */
export function learnUses(uses: readonly Use[]): void {
  const { tools } = editor()
  const news = uses.filter((use) => !isKnown(tools, use))
  if (news.length === 0) return
  const table = tools.withUses(news)
  const { doc } = editor()
  useEditor.setState({ tools: table, wiring: readWiring(doc, table, editor().wiring) })
}

function isKnown(tools: ToolTable, use: Use): boolean {
  return JSON.stringify(tools.use(use.reference)) === JSON.stringify(use)
}

/** Allow stages to be a version of a template; version "": the newest. Throws ApiError. */
export async function addUse(template: string, version = ''): Promise<Use> {
  const { use } = await api.addUse(BOOT.templateId, { template, version })
  learnUses([use])
  return use
}

/** List the templates that copied stages are and the editor knows nothing of. value: the copy. */
export function unknownUses(value: Json, tools: ToolTable): string[] {
  return [...referencesOf(stagesIn(value))].filter((reference) => tools.use(reference) === null)
}

/**
 * Allow copied stages to be the templates they are. Returns a sentence that names the stages whose
 * template cannot be had here; "" for none.
 */
export async function bringUses(value: Json): Promise<string> {
  const refusals: string[] = []
  for (const reference of unknownUses(value, editor().tools)) {
    const [, template = '', version = ''] = /^template:([^@]+)(?:@(.+))?$/.exec(reference) ?? []
    await addUse(template, version).catch(() => refusals.push(reference))
  }
  const stages = stagesIn(value).filter((record) =>
    refusals.some((reference) => referencesOf([record]).has(reference)),
  )
  const names = stages.map(readStage).map(({ label, id }) => `“${clean(label) || wordsOf(id)}”`)
  if (names.length === 0) return ''
  return names.length > 1
    ? `The templates of ${listed(names)} aren't available here.`
    : `The template of ${names[0]} isn't available here.`
}

function stagesIn(value: Json): readonly Json[] {
  const stages = isObject(value) ? own(value, 'stages') : undefined
  return Array.isArray(stages) ? stages : []
}
