/** The tokens' colors in a chosen scheme, as every picture viewer reads them. */

import { SOCKET_KINDS, type SocketKind } from '../api/schema'
import type { Colours } from './drawing'

export type Scheme = 'light' | 'dark'

/** scheme null: as the page is seen now. */
export function coloursIn(scheme: Scheme | null): Colours {
  const probe = document.createElement('i')
  probe.hidden = true
  if (scheme) probe.style.colorScheme = scheme
  document.body.append(probe)
  const style = getComputedStyle(probe)
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`
    return plain(style.color)
  }
  const hue = Object.fromEntries(SOCKET_KINDS.map((kind) => [kind, colour(`t-${kind}`)]))
  const colours: Colours = {
    canvas: colour('canvas'),
    surface: colour('surface'),
    surface2: colour('surface-2'),
    line2: colour('line-2'),
    text: colour('text'),
    text2: colour('text-2'),
    text3: colour('text-3'),
    bad: colour('bad'),
    hue: hue as Record<SocketKind, string>,
  }
  probe.remove()
  return colours
}

let pixel: CanvasRenderingContext2D | null = null

/** `oklch(…)` and its kin as `rgba(…)`, by painting it. */
function plain(colour: string): string {
  pixel ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!pixel) return colour
  pixel.clearRect(0, 0, 1, 1)
  pixel.fillStyle = colour
  pixel.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0, a = 255] = pixel.getImageData(0, 0, 1, 1).data
  return a === 255
    ? `rgb(${r},${g},${b})`
    : `rgba(${r},${g},${b},${Math.round((a / 255) * 100) / 100})`
}
