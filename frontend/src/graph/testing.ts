/** The catalog, small documents, and large ones, for tests. */

import tools from '../../fixtures/tools.json'
import type { Doc, Json, JsonObject, ProviderModel, Tool } from '../api/schema'
import { toDocument } from '../document/convert'
import { ToolTable } from './tools'
import { readWiring, type Wiring } from './wiring'

export const TOOLS = new ToolTable(tools as unknown as Tool[])

export function tool(name: string): Tool {
  const match = TOOLS.get(name)
  if (!match) throw new Error(`No such tool: ${name}`)
  return match
}

/** A model of which only the given is known. */
export function modelOf(name: string, known: Partial<ProviderModel> = {}): ProviderModel {
  return {
    name,
    also: [],
    title: name,
    by: '',
    price: null,
    seconds: null,
    sizes: [],
    takes: {},
    ignores: [],
    usualSeconds: null,
    isDraft: false,
    ...known,
  }
}

export function fixed(id: string, toolName: string, fields: JsonObject = {}): JsonObject {
  return { id, type: 'fixed', tool: toolName, produces: [id], args: {}, ...fields }
}

export function input(name: string, type: string, fields: JsonObject = {}): JsonObject {
  return { name, type, ...fields }
}

export function docOf(stages: Json[], inputs: Json[] = [], more: JsonObject = {}): Doc {
  return toDocument({ name: 'Film', inputs, stages, ...more })
}

export function wired(doc: Doc): Wiring {
  return readWiring(doc, TOOLS)
}

export function resultOf(name: string): string {
  return `$artifacts.${name}.items[0].selectedVersion.url`
}

/** A document with `count` stages in chains of pictures, clips and films, a few wires each. */
export function largeDoc(count: number): Doc {
  const stages: Json[] = []
  for (let at = 0; at < count; at += 1) {
    const back = (steps: number) => resultOf(`s${at - steps}`)
    const prompt = '$inputs.brief'
    if (at % 4 === 0) stages.push(fixed(`s${at}`, 'generate_image', { args: { prompt } }))
    else if (at % 4 === 1)
      stages.push(fixed(`s${at}`, 'edit_image', { args: { prompt, source_image_url: back(1) } }))
    else if (at % 4 === 2)
      stages.push(
        fixed(`s${at}`, 'generate_video', {
          args: { prompt, reference_image_urls: [back(1), back(2)] },
        }),
      )
    else stages.push(fixed(`s${at}`, 'upscale_video', { args: { reference_video_url: back(1) } }))
  }
  return docOf(stages, [input('brief', 'text')])
}
