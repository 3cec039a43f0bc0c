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

/** Return true if the keyboard writes text where the event happened. */
export function isTyping(event: Event): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true
  if (target instanceof HTMLSelectElement) return true
  const checks = ['checkbox', 'radio', 'button', 'range', 'submit', 'color', 'file']
  return target instanceof HTMLInputElement && !checks.includes(target.type)
}

/** Return the file that a paste brings; null where text is pasted into a field. */
export function pastedFile(event: ClipboardEvent): File | null {
  const { clipboardData } = event
  // Cells of a spreadsheet come as text and as a picture of them.
  if (isTyping(event) && clipboardData?.getData('text/plain')) return null
  return clipboardData?.files[0] ?? null
}
