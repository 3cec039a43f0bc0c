/** The browser's permission to show notices: asked for by a button, and never before. */

import { permission } from '../notices/browser'

function show(section: HTMLElement): void {
  for (const part of section.querySelectorAll<HTMLElement>('[data-when]')) {
    part.hidden = part.dataset.when !== permission()
  }
}

const section = document.querySelector<HTMLElement>('[data-browser-notices]')
if (section) {
  section.querySelector('[data-allow]')?.addEventListener('click', async () => {
    await Notification.requestPermission()
    show(section)
  })
  // Site settings may be changed in the meantime.
  document.addEventListener('visibilitychange', () => show(section))
  show(section)
}
