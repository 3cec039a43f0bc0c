/** Keys of every page: "/" searches, and Ctrl or ⌘ Enter sends the form of a text area. */

import { around } from './events'
import { pressedKey, shortcutKeys } from './press'

const WRITING = 'input, textarea, select, [contenteditable], dialog[open]'

export function listenForKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (shortcutKeys(event).includes('/')) search(event)
    else if (pressedKey(event) === 'Enter') send(event)
  })
  // Where a page gives a text area the keys, browsers put the caret before what is there.
  const box = document.querySelector<HTMLTextAreaElement>('textarea[autofocus]')
  box?.setSelectionRange(box.value.length, box.value.length)
}

function search(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || around(event, WRITING)) return
  const field = document.querySelector<HTMLInputElement>('[data-search]')
  if (!field) return
  event.preventDefault()
  field.focus()
  field.select()
}

function send(event: KeyboardEvent): void {
  if (!(event.ctrlKey || event.metaKey)) return
  const form = around<HTMLTextAreaElement>(event, '[data-submit-keys]')?.form
  if (!form) return
  event.preventDefault()
  form.requestSubmit()
}
