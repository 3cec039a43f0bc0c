/** Components in the places of a page, which hold what the server drew for until then. */

import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'

/**
 * Draw into the place with this data attribute, if there is one. Where someone has the focus there,
 * once they leave it: until then it works as without scripts. What they typed, chose and unfolded in
 * its forms stays.
 */
export function draw(name: string, component: ReactNode): void {
  const place = document.querySelector<HTMLElement>(`[data-${name}]`)
  if (place) replace(place, component)
}

function replace(place: HTMLElement, component: ReactNode): void {
  if (place.contains(document.activeElement)) {
    const again = () => setTimeout(() => replace(place, component))
    place.addEventListener('focusout', again, { once: true })
    return
  }
  const before = partsOf(place)
  // A browser that translates takes text nodes out of their elements, and they no longer change.
  place.translate = false
  createRoot(place).render(component)
  for (const [turn, parts] of partsOf(place))
    for (const [at, part] of parts.entries()) restore(part, before.get(turn)?.[at])
}

type Part = HTMLInputElement & HTMLDetailsElement

/** The fields and folds of each question's form, which both drawings have in the same order. */
function partsOf(place: HTMLElement): Map<string | undefined, Part[]> {
  return new Map(
    [...place.querySelectorAll('form')].map((form) => [
      form.dataset.turn,
      [...form.querySelectorAll<Part>('textarea, input, details')],
    ]),
  )
}

function restore(part: Part, before: Part | undefined): void {
  if (!before) return
  for (const name of ['value', 'checked', 'open'] as const)
    if (name in part) Object.assign(part, { [name]: before[name] })
  part.dispatchEvent(new Event('input', { bubbles: true }))
}
