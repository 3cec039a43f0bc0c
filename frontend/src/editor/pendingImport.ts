/** The text of a template on its way into the import dialog. */

import * as actions from './actions'

let pending: string | null = null

/** Open the import dialog with this text. */
export function open(text: string): void {
  pending = text
  actions.open({ name: 'import' })
}

/** The text that the import was opened with, once; null when it was opened empty. */
export function take(): string | null {
  const text = pending
  pending = null
  return text
}
