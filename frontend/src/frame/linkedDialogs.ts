/** Links to small pages that are shown in a dialog: `<a href="/x" data-dialog>`. */

import { opensElsewhere } from './events'
import { isPart } from './requests'

export function openLinksInDialog(dialog: HTMLDialogElement): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('[data-dialog]')) {
    link.addEventListener('click', (event) => {
      if (opensElsewhere(event)) return
      event.preventDefault()
      // Where it can't be shown here, it is a page of its own.
      show(dialog, link.href).catch(() => location.assign(link.href))
    })
  }
}

async function show(dialog: HTMLDialogElement, address: string): Promise<void> {
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' } })
  const words = await answer.text()
  if (!answer.ok || !isPart(words)) throw new Error(String(answer.status))
  const page = new DOMParser().parseFromString(words, 'text/html')
  dialog.querySelector('[data-dialog-body]')?.replaceChildren(...page.body.childNodes)
  dialog.setAttribute('aria-labelledby', 'dialog-title')
  dialog.showModal()
}
