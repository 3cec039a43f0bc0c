/** The element that fits, around what an event was about. Listeners on the document outlive what
 * htmx swaps. */
export function around<E extends HTMLElement = HTMLElement>(
  { target }: Event,
  selector: string,
): E | null {
  return target instanceof Element ? target.closest<E>(selector) : null
}

/** Ctrl, ⌘ or Shift: the browser opens the link in another tab or window. */
export function opensElsewhere(event: MouseEvent): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey
}
