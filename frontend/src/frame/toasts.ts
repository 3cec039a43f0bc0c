/** Words that come and go at the page's edge; builder/parts/toasts.html has their place. */

const SHOWN_MS = 6_000
/** Milliseconds for a message with Undo: it is read first, then reached. */
const UNDO_MS = 15_000

/** Show something for six seconds, or with kind "error" until it is closed. */
export function toast(text: string, kind: 'info' | 'error' = 'info'): void {
  const place = document.getElementById('toasts')
  if (!place) return
  const element = document.createElement('div')
  element.className = kind === 'error' ? 'toast toast-bad' : 'toast'
  element.dataset.toast = kind
  const words = document.createElement('p')
  words.className = 'grow'
  words.textContent = text
  element.append(words)
  // One at a time.
  for (const other of toastsIn(place)) other.remove()
  place.append(element)
  prepareToast(element)
}

/** Let messages that the server has put on the page close, and leave, as well. */
export function prepareToasts(): void {
  const place = document.getElementById('toasts')
  if (place) for (const element of toastsIn(place)) prepareToast(element)
}

/** Show what another page of the server says, in place of what this one said. */
export function showToasts(page: Document): void {
  const place = document.getElementById('toasts')
  const fresh = page.getElementById('toasts')
  if (!place || !fresh) return
  place.replaceChildren(...fresh.children)
  prepareToasts()
}

function toastsIn(place: HTMLElement): NodeListOf<HTMLElement> {
  return place.querySelectorAll<HTMLElement>('[data-toast]')
}

function prepareToast(element: HTMLElement): void {
  const pattern = document.getElementById('toast-close')
  if (pattern instanceof HTMLTemplateElement) {
    const close = pattern.content.cloneNode(true) as DocumentFragment
    close.firstElementChild?.addEventListener('click', () => element.remove())
    element.append(close)
  }
  if (element.dataset.toast === 'error') return
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    timer = setTimeout(() => element.remove(), element.querySelector('form') ? UNDO_MS : SHOWN_MS)
  }
  // No one loses what they are reading.
  for (const begin of ['pointerenter', 'focusin']) {
    element.addEventListener(begin, () => clearTimeout(timer))
  }
  for (const end of ['pointerleave', 'focusout']) element.addEventListener(end, wait)
  wait()
}
