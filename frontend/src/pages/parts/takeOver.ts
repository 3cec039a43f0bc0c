/** Components in place of what the server drew: elements that are as drawn stay what they are. */

import type { ReactNode } from 'react'
import { hydrateRoot } from 'react-dom/client'

/** name: of the data attribute that marks the place; nothing happens where there is none. */
export function takeOver(name: string, component: ReactNode): void {
  const place = document.querySelector<HTMLElement>(`[data-${name}]`)
  if (!place) return
  dropIndentation(place)
  hydrateRoot(place, component)
}

/** Text between elements that only indents a template: components have none. */
function dropIndentation(place: HTMLElement): void {
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
  const blank: Node[] = []
  while (texts.nextNode()) {
    const { currentNode: text } = texts
    if (text.nodeValue?.trim() === '' && text.parentElement?.tagName !== 'TEXTAREA')
      blank.push(text)
  }
  for (const text of blank) text.parentNode?.removeChild(text)
}
