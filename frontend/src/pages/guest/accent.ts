/** The author's color, and ink that can be read on it. Pure. */

/** Return black or white, whichever stands out more: at least 4.58 to 1 on any color. */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(color.slice(at, at + 2), 16) / 255),
  )
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? '#000000' : '#ffffff'
}

function linear(part: number): number {
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
}

/** Give an element the color for its Run button. Anything but `#rrggbb` leaves it as it is. */
export function paint(element: HTMLElement, color: string): void {
  if (!/^#[0-9a-f]{6}$/i.test(color)) return
  element.style.setProperty('--app-accent', color)
  element.style.setProperty('--app-on-accent', inkOn(color))
}
