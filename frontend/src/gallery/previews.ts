/** A card's film plays while a mouse or the focus is on it. */

import { around } from '../frame/events'

const HOVER_MS = 200

interface Preview {
  timer: ReturnType<typeof setTimeout>
  film: HTMLVideoElement | null
}

/** Not every browser tells it. */
interface Connection {
  readonly connection?: { readonly saveData: boolean }
}

const still = matchMedia('(prefers-reduced-motion: reduce)')
const previews = new WeakMap<HTMLElement, Preview>()

export function playPreviews(main: HTMLElement): void {
  watch(main, 'pointerover', 'pointerout')
  watch(main, 'focusin', 'focusout')
}

function watch(
  main: HTMLElement,
  started: 'pointerover' | 'focusin',
  ended: 'pointerout' | 'focusout',
): void {
  main.addEventListener(started, (event) => {
    if (event instanceof PointerEvent && event.pointerType === 'touch') return
    const card = around(event, '.card')
    if (card) begin(card)
  })
  main.addEventListener(ended, (event) => {
    const card = around(event, '.card')
    const next = event.relatedTarget
    if (card && !(next instanceof Node && card.contains(next))) end(card)
  })
}

function begin(card: HTMLElement): void {
  const address = card.dataset.preview
  if (!address || previews.has(card) || still.matches) return
  if ((navigator as Connection).connection?.saveData) return
  const timer = setTimeout(() => {
    const film = filmOf(address, card.querySelector('.scrub i'))
    previews.set(card, { timer, film })
    // Above the poster, or the sign of what has none.
    card.querySelector('.media > :first-child')?.after(film)
    film.play().catch(() => film.remove())
  }, HOVER_MS)
  previews.set(card, { timer, film: null })
}

function filmOf(address: string, scrub: HTMLElement | null): HTMLVideoElement {
  const film = document.createElement('video')
  film.muted = true
  film.loop = true
  film.playsInline = true
  film.setAttribute('aria-hidden', 'true')
  film.tabIndex = -1
  film.src = address
  film.addEventListener('timeupdate', () => {
    if (scrub && film.duration) {
      scrub.style.transform = `scaleX(${film.currentTime / film.duration})`
    }
  })
  // The poster stays until there is a picture to show, and when there never is one.
  film.addEventListener('playing', () => film.classList.add('is-on'), { once: true })
  film.addEventListener('error', () => film.remove(), { once: true })
  return film
}

function end(card: HTMLElement): void {
  const preview = previews.get(card)
  if (!preview) return
  const { timer, film } = preview
  clearTimeout(timer)
  if (film) {
    film.pause()
    film.removeAttribute('src')
    film.load()
    film.remove()
  }
  previews.delete(card)
}
