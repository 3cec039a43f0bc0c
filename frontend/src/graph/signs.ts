/** The shape of each kind of socket: it tells the kind also where its hue is not seen. */

import type { SocketKind } from '../types'

/** Kinds that are drawn as a ring, not filled. */
export function isRing(kind: SocketKind): boolean {
  return kind === 'choice'
}

/** The shape around (x, y), about 12 px times scale, as SVG path data. */
export function signPath(kind: SocketKind, x: number, y: number, scale = 1): string {
  const n = (value: number) => value * scale
  switch (kind) {
    case 'text':
      return roundedBox(x - n(6.2), y - n(3.2), n(12.4), n(6.5), n(1.9))
    case 'image':
      return roundedBox(x - n(4.9), y - n(4.9), n(9.7), n(9.7), n(1.9))
    case 'video':
      return `M${x - n(4.3)} ${y - n(5.7)}l${n(10.5)} ${n(5.7)}l${n(-10.5)} ${n(5.7)}z`
    case 'audio':
      return circle(x, y, n(5.4))
    case 'number':
      return `M${x} ${y - n(6.5)}l${n(6.5)} ${n(6.5)}l${n(-6.5)} ${n(6.5)}l${n(-6.5)} ${n(-6.5)}z`
    case 'model':
      return `M${x} ${y - n(6.2)}l${n(5.4)} ${n(3.1)}v${n(6.2)}l${n(-5.4)} ${n(3.1)}l${n(-5.4)} ${n(-3.1)}v${n(-6.2)}z`
    case 'choice':
      return circle(x, y, n(4))
  }
}

export function roundedBox(x: number, y: number, width: number, height: number, r: number): string {
  return `M${x + r} ${y}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${2 * r - width}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - height}a${r} ${r} 0 0 1 ${r} ${-r}z`
}

export function circle(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}
