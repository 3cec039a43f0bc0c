/** Say something to those who cannot see it happen. Each page has the place for it. */
export function say(text: string): void {
  const live = document.getElementById('live')
  if (!live) return
  // The same words twice are said twice: a region that does not change is not read.
  live.textContent = live.textContent === text ? `${text}\u00a0` : text
}
