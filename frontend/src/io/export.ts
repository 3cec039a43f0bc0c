/** The template as files: JSON as the public API takes it, and pictures of its graph. */

import { valueIn } from '../canvas/InputsNode'
import { mediaOf } from '../canvas/nodeState'
import { sceneOf } from '../canvas/scene'
import { isObject, own } from '../document/ops'
import { say, toast } from '../editor/actions'
import { api } from '../editor/api'
import { saveNow } from '../editor/session'
import { BOOT, editor } from '../editor/store'
import { referencesIn } from '../graph/templates'
import { slug } from '../graph/words'
import { pictureOf } from '../run/pictures'
import { mediaWords } from '../run/words'
import { coloursIn, type Scheme } from './colours'
import { drawGraph, type Graph, type Measure } from './drawing'
import { templateJson } from './json'
import { picturesOf } from './pictures'
import { toPng } from './png'
import { type Drawing, FONT, type Pictures } from './shapes'
import { toSvg } from './svg'

/** Download the template as a file, with the templates that its stages are. */
export async function exportJson(): Promise<void> {
  await runExport(async () => {
    const { doc } = editor()
    const template = templateJson(doc, linkOf)
    if (referencesIn(doc).size > 0) {
      if (!(await saveNow())) throw new Error("Couldn't save your last change. Try again.")
      const { templates } = await api.bundle(BOOT.templateId)
      if (Object.keys(templates).length > 0) template.templates = templates
    }
    const text = `${JSON.stringify(template, null, 2)}\n`
    give(new Blob([text], { type: 'application/json' }), 'json')
  })
}

function linkOf(reference: string): string | null {
  const url = own(editor().media, reference)?.url
  return url ? new URL(url, location.href).href : null
}

export async function exportSvg(scheme: Scheme | null = null): Promise<void> {
  await runExport(async () => {
    const { drawing, pictures } = await drawingOf(scheme)
    give(new Blob([toSvg(drawing, pictures)], { type: 'image/svg+xml' }), 'svg')
  })
}

export async function exportPng(scheme: Scheme | null = null): Promise<void> {
  await runExport(async () => {
    await Promise.all([400, 600].map((weight) => document.fonts.load(`${weight} 15px ${FONT}`)))
    const { drawing, pictures } = await drawingOf(scheme)
    give(await toPng(drawing, pictures), 'png')
  })
}

async function runExport(make: () => Promise<void>): Promise<void> {
  say('Exporting…')
  try {
    await make()
  } catch (error) {
    toast((error as Error).message)
  }
}

async function drawingOf(scheme: Scheme | null): Promise<{ drawing: Drawing; pictures: Pictures }> {
  const graph = graphNow()
  const urls = [...graph.wiring.nodes.keys()].map(graph.picture).filter((url) => url !== null)
  const pictures = await picturesOf(urls)
  const there = (id: string) => {
    const url = graph.picture(id)
    return url !== null && pictures.has(url) ? url : null
  }
  const drawing = drawGraph({ ...graph, picture: there }, coloursIn(scheme), measurer())
  return { drawing, pictures }
}

function graphNow(): Graph {
  const { wiring, doc, media, template } = editor()
  const scene = sceneOf()
  return {
    title: template.name,
    wiring,
    boxes: scene.nodes,
    sheets: [...scene.sheets.values()],
    words: (id) => mediaWords(mediaOf(id)) || (wiring.nodes.get(id)?.meta ?? ''),
    picture: (id) => pictureOf(mediaOf(id)[0]),
    inputWords: (key) => valueIn(doc.inputs, doc.values, key, media).words,
  }
}

function measurer(): Measure {
  const ink = document.createElement('canvas').getContext('2d')
  const cache = new Map<string, number>()
  return (text, size, weight) => {
    const key = `${size} ${weight} ${text}`
    let width = cache.get(key)
    if (width === undefined) {
      if (ink) ink.font = `${weight} ${size}px ${FONT}`
      width = ink?.measureText(text).width ?? text.length * size * 0.55
      cache.set(key, width)
    }
    return width
  }
}

/** Hand a file to the browser's downloads. */
function give(blob: Blob, kind: 'json' | 'svg' | 'png'): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = `${slug(nameNow()) || 'template'}.${kind}`
  document.body.append(link)
  link.click()
  link.remove()
  // The download reads it once it has started.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
  toast(`Downloaded ${link.download}`)
}

function nameNow(): string {
  const record = own(editor().doc.root.rows, 'template')
  const name = isObject(record) ? own(record, 'name') : ''
  return typeof name === 'string' ? name : ''
}
