/** Examples of what a template makes: one is in the player, the others are chosen below it. */

import { opensElsewhere } from '../frame/events'

export function playExamples(player: HTMLElement): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('[data-reel]')]
  for (const link of links) {
    link.addEventListener('click', (event) => {
      if (opensElsewhere(event)) return
      event.preventDefault()
      show(player, link)
      for (const other of links) other.removeAttribute('aria-current')
      link.setAttribute('aria-current', 'true')
    })
  }
}

function show(player: HTMLElement, link: HTMLAnchorElement): void {
  const old = player.querySelector('video, img')
  const origin = link.dataset.originLine ?? ''
  const label = [link.textContent?.trim(), origin].filter(Boolean).join(', ')
  const chip = player.querySelector<HTMLElement>('[data-origin]')
  if (chip) {
    chip.textContent = origin
    chip.hidden = !origin
  }
  if (link.dataset.reel !== 'video') {
    const image = document.createElement('img')
    image.alt = label
    image.src = link.href
    old?.replaceWith(image)
    return
  }
  const film = document.createElement('video')
  film.controls = true
  film.playsInline = true
  film.preload = 'metadata'
  film.poster = link.dataset.poster ?? ''
  film.setAttribute('aria-label', label)
  film.src = link.href
  old?.replaceWith(film)
  // Chosen by a click, so it may play with its sound.
  film.play().catch(() => {})
}
