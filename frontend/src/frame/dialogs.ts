/**
 * Dialogs of a page: `data-opens="<id>"` opens one, `data-closes` closes the one it is in, and so
 * does a click beside it. What htmx brings into a closed one opens it:
 * `<a href="/x" hx-get="/x" hx-target="#dialog [data-dialog-body]">`.
 */

import { around } from './events'

export function openDialogs(): void {
  document.addEventListener('htmx:afterSwap', (event) => {
    const dialog = around<HTMLDialogElement>(event, 'dialog:not([open])')
    if (!dialog) return
    // A menu that led to it would be drawn above it.
    for (const menu of document.querySelectorAll<HTMLElement>(':popover-open')) menu.hidePopover()
    dialog.showModal()
  })
  document.addEventListener('click', onClick)
}

function onClick(event: MouseEvent): void {
  const opener = around(event, '[data-opens]')
  const dialog = opener && document.getElementById(opener.dataset.opens ?? '')
  const closer = around(event, '[data-closes]')
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault()
    dialog.showModal()
  } else if (closer) {
    event.preventDefault()
    closer.closest('dialog')?.close()
  } else if (event.target instanceof HTMLDialogElement) event.target.close()
}
