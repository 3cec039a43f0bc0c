/** The players of a page that have comments, and what they show. */

export type Medium = HTMLVideoElement | HTMLAudioElement | HTMLImageElement

const MEDIUM = 'video, audio, img:not([data-model]):not(.model-view img)'

/** On a creation one for each file, on a run the one screen. */
export function players(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.media[data-position], #run [data-screen]')]
}

/** Return the key of the file that a player shows: its place in a creation, or its id. */
export function keyOf(player: HTMLElement): string {
  const screenId = document.getElementById('run')?.dataset.shown
  return player.dataset.position ?? screenId ?? ''
}

export function mediumOf(player: HTMLElement): Medium | null {
  return player.querySelector<Medium>(MEDIUM)
}

/** Return true if it has moments. */
export function lasts(medium: Medium | null): medium is HTMLVideoElement | HTMLAudioElement {
  return medium instanceof HTMLMediaElement
}

/** Return true if it has points. */
export function isSeen(medium: Medium | null): medium is HTMLVideoElement | HTMLImageElement {
  return medium !== null && !(medium instanceof HTMLAudioElement)
}

/** Return the present moment of a film, in milliseconds; null for a picture. */
export function momentOf(player: HTMLElement): number | null {
  const film = mediumOf(player)
  return lasts(film) ? Math.round(1_000 * film.currentTime) : null
}

/** Pause at a moment, also where nothing is loaded yet. */
export function seek(film: HTMLMediaElement, ms: number): void {
  film.pause()
  const go = () => {
    film.pause()
    film.currentTime = ms / 1_000
  }
  if (film.readyState >= HTMLMediaElement.HAVE_METADATA) {
    go()
    return
  }
  film.addEventListener('loadedmetadata', go, { once: true })
  if (film.preload === 'none' || film.networkState === HTMLMediaElement.NETWORK_EMPTY) {
    film.preload = 'metadata'
    film.load()
  }
}
