/** Bringing a table, and the files that its cells name: these are uploaded first. */

import type { MediaKind } from '../api/schema'
import { say } from '../frame/announcements'
import { startUpload } from '../uploads/upload'

const KINDS: readonly MediaKind[] = ['image', 'video', 'audio']
/** Types that many systems don't know. */
const IMAGES = /\.(heic|heif|avif)$/i

const form = document.querySelector<HTMLFormElement>('#set-table')

// A field may hold less than a file.
form?.addEventListener('formdata', ({ formData }) => {
  const cells = formData.get('cells')
  const file = formData.get('file')
  const hasFile = file instanceof File && file.size > 0
  if (!hasFile && typeof cells === 'string' && cells.trim() !== '') {
    formData.set('file', new File([cells], 'cells.tsv'))
  }
  formData.delete('cells')
})

const tableField = form?.querySelector<HTMLInputElement>('[data-table-file]')
if (tableField) {
  tableField.multiple = true
  tableField.accept += ',image/*,video/*,audio/*'
}
document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return
  if (target === tableField) void sendTable(target)
  else if (target.matches('[data-row-files]')) void sendRowFiles(target)
})

/** Upload the media among the files that were chosen, then send the table. */
async function sendTable(field: HTMLInputElement): Promise<void> {
  const files = [...(field.files ?? [])]
  const table = files.find((file) => kindOf(file) === null)
  const media = files.filter((file) => file !== table)
  // The field keeps the table alone: it's what the form sends.
  const selection = new DataTransfer()
  if (table) selection.items.add(table)
  field.files = selection.files
  if ((await uploadAll(media)) && table) form?.requestSubmit()
}

/** Upload files that rows lack, then have the rows checked again. */
async function sendRowFiles(field: HTMLInputElement): Promise<void> {
  if (await uploadAll([...(field.files ?? [])])) {
    document.querySelector<HTMLFormElement>('.set-matches')?.requestSubmit()
  }
}

/** Upload files one after the other. Returns whether all are there. */
async function uploadAll(files: readonly File[]): Promise<boolean> {
  const box = document.querySelector<HTMLElement>('[data-uploading]')
  const bar = box?.querySelector('progress')
  const words = box?.querySelector('[data-uploading-words]')
  const list = box?.querySelector<HTMLElement>('[data-uploading-problems]')
  if (!box || !bar || !words || !list) return false
  const problems: string[] = []
  box.hidden = files.length === 0
  for (const [place, file] of files.entries()) {
    words.textContent = `Uploading ${place + 1} of ${files.length}: ${file.name}`
    try {
      await startUpload(file, kindOf(file) ?? 'image', (fraction) => {
        bar.value = (place + (fraction ?? 1)) / files.length
      }).done
    } catch (failure) {
      problems.push((failure as Error).message)
    }
  }
  const count = files.length - problems.length
  words.textContent = `${count} of ${files.length} file${files.length === 1 ? '' : 's'} uploaded`
  if (files.length > 0) say(words.textContent)
  list.hidden = problems.length === 0
  list.replaceChildren(
    ...problems.map((problem) => {
      const item = document.createElement('li')
      item.textContent = problem
      return item
    }),
  )
  return problems.length === 0
}

/** Return the kind of a file by what the browser knows of it; null of a table. */
function kindOf({ name, type }: File): MediaKind | null {
  if (IMAGES.test(name)) return 'image'
  return KINDS.find((kind) => type.startsWith(`${kind}/`)) ?? null
}
