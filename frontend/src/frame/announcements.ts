/** Say something to screen readers only. Each page has the place for it. */
export function say(text: string): void {
  const live = document.getElementById('live')
  if (live) live.textContent = text
}
