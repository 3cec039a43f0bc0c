/** A file that someone chose, as a document keeps it. */

import type { LibraryMedium, MediaKind, ReferencedMedium, Uploaded } from '../../api/schema'
import { useEditor } from '../../editor/store'

export interface Picked {
  /** A reference to one of ours, or an https address. */
  readonly value: string
  readonly title: string
}

/** The reference of an upload; file names keep the signs that references may have. */
export function referenceOf(uploaded: Uploaded): string {
  const name = uploaded.filename
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(-80)
    .replace(/^\.+/, '')
  return `reelgraph:object/${uploaded.id}/${name || 'file'}`
}

export function pickUpload(uploaded: Uploaded): Picked {
  const value = referenceOf(uploaded)
  remember(value, uploaded)
  return { value, title: uploaded.filename }
}

export function pickOwn(medium: LibraryMedium): Picked {
  remember(medium.reference, medium)
  return { value: medium.reference, title: medium.title }
}

/** Keep the file of a reference, so that it is seen before the document is read again. */
function remember(reference: string, medium: ReferencedMedium & { kind: MediaKind }): void {
  const { url, kind, width, height, duration } = medium
  const entry = { url, kind, width, height, duration }
  useEditor.setState((state) => ({ media: { ...state.media, [reference]: entry } }))
}

/** Words for a file that a document names: its file's name, or the host of an address. */
export function titleOfMedium(value: string): string {
  const reference = /^reelgraph:(?:object|blob)\/[^/]+\/(.+)$/.exec(value)?.[1]
  if (reference) return reference
  try {
    const address = new URL(value)
    const file = decodeURIComponent(address.pathname.split('/').pop() ?? '')
    return file ? `${file}, ${address.host}` : address.host
  } catch {
    return value
  }
}
