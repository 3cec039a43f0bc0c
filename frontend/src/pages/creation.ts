/** A creation's page: its 3D model turns, and phones pass its link on to other apps. */

import { NO_VIEWER } from '../model/words'

/** Put what turns in the place of a model's picture, which stays until then. */
async function turn(picture: HTMLImageElement, url: string): Promise<void> {
  const view = document.createElement('div')
  view.className = 'model-view'
  const poster = document.createElement('img')
  poster.alt = picture.alt
  poster.src = picture.src
  view.append(poster)
  picture.replaceWith(view)
  try {
    const { show } = await import('../model/viewer')
    show(view, { url, name: picture.alt })
  } catch {
    const note = document.createElement('p')
    note.className = 'model-note'
    note.setAttribute('role', 'status')
    note.textContent = NO_VIEWER
    view.append(note)
  }
}

const picture = document.querySelector<HTMLImageElement>('.made-main [data-model]')
if (picture?.dataset.model) void turn(picture, picture.dataset.model)

// What was shared just now is sent to someone next.
if (location.hash === '#copy-link') {
  document.getElementById('copy-link')?.focus()
  history.replaceState(null, '', location.pathname)
}

for (const button of document.querySelectorAll<HTMLElement>('[data-pass-on]')) {
  // Not every browser has it.
  if (!('share' in navigator)) continue
  button.hidden = false
  const { title, passOn: url } = button.dataset
  button.addEventListener('click', () => {
    // Closing the system's dialog rejects.
    navigator.share({ title, url }).catch(() => {})
  })
}
