/** Files that are pasted or dropped on the canvas: each becomes an input that is tried with it. */

import type { InputType, MediaKind } from '../../api/schema'
import { act, toast } from '../../editor/actions'
import { api } from '../../editor/api'
import { open } from '../../editor/pendingImport'
import { type End, editor, type Point } from '../../editor/store'
import type { Edit } from '../../graph/edit'
import { setValue } from '../../graph/edits/fields'
import { addInput } from '../../graph/edits/names'
import { pickUpload } from '../../inspector/media/picked'
import type { DraggedMedium } from '../additions'
import { asked } from './asked'
import { chain } from './chain'
import { editFor } from './choices'

const TYPES: Readonly<Record<MediaKind, DraggedMedium['input'] | null>> = {
  image: 'image',
  video: 'video',
  audio: 'audio',
  model: null,
}
const MOST = 8

/** end: the port they were dropped on, if any; at: where. Points are the canvas's. */
export async function bringFiles(
  files: readonly File[],
  end: End | null = null,
  at: Point | null = null,
): Promise<void> {
  if (!editor().canEdit) return
  // Many systems have no type for HEIC; the server looks at the bytes.
  const media = files.filter(
    (file) =>
      /^(image|video|audio)\//.test(file.type) || /\.(heic|heif|avif|tiff?)$/i.test(file.name),
  )
  const template = files.find(
    (file) => file.type === 'application/json' || /\.json$/i.test(file.name),
  )
  if (media.length === 0 && template) {
    open(await template.text())
    return
  }
  if (media.length === 0) {
    toast('Drop images, videos, audio or template files.')
    return
  }
  for (const file of media.slice(0, MOST)) await bring(file, end, at)
  if (media.length > MOST) toast(`Up to ${MOST} files at a time. ${media.length - MOST} skipped.`)
}

async function bring(file: File, end: End | null, at: Point | null): Promise<void> {
  toast(`Uploading ${file.name}`)
  try {
    const upload = await api.upload(file)
    const type = TYPES[upload.kind]
    if (type === null) {
      toast(`${file.name} isn't an image, video or audio file.`)
      return
    }
    const reference = pickUpload(upload).value
    const isAdded = placeMedium({ input: type, value: reference, title: file.name }, end, at)
    if (isAdded) toast(`Added ${file.name} as an input.`)
  } catch (problem) {
    toast(problem instanceof Error ? problem.message : `Couldn't upload ${file.name}.`)
  }
}

/** Add an input with a file; false where nothing may be added. end, at: see `bringFiles`. */
export function placeMedium(
  { input, value, title }: DraggedMedium,
  end: End | null = null,
  at: Point | null = null,
): boolean {
  return act(mediaInput(input, value, title, end, at))
}

/** An input with a file, joined to the port it was dropped on when it fits. */
function mediaInput(
  type: InputType,
  reference: string,
  name: string,
  end: End | null,
  at: Point | null,
): Edit | null {
  const ask = asked()
  const place = end?.side === 'in' ? { type: 'end' as const, end, at: null } : null
  const add =
    (place && editFor(ask, { type: 'input', inputType: type }, place)) ??
    addInput(ask.doc, type, undefined, at)
  const op = add.ops.find((known) => known.op === 'put' && known.table === 'inputs')
  if (!op) return null
  return chain(ask, [() => add, (now) => setValue(now.doc, op.key, reference)], `Add ${name}`)
}
