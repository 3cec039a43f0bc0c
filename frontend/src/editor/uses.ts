/** Templates that stages of this one may be, by what the server says of them. */

import type { Use } from '../api/schema'
import type { ToolTable } from '../graph/tools'
import { readWiring } from '../graph/wiring'
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

/** Allow stages to be all of these. Returns the references that cannot be had now. */
export async function addUses(references: readonly string[]): Promise<string[]> {
  const refusals: string[] = []
  for (const reference of references) {
    const [, template = '', version = ''] = /^template:([^@]+)(?:@(.+))?$/.exec(reference) ?? []
    await addUse(template, version).catch(() => refusals.push(reference))
  }
  return refusals
}
