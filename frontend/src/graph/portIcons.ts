/** The shape of each kind of socket: it tells the kind also where its hue is not seen. */

import { PORT_OUTLINES, type SocketKind } from '../api/schema'

/** Kinds that are drawn as a ring, not filled. */
export function isRing(kind: SocketKind): boolean {
  const outline = PORT_OUTLINES[kind]
  return 'stroke' in outline
}

/** The shape around (x, y), about 12 px times scale, as SVG path data. */
export function signPath(kind: SocketKind, x: number, y: number, scale = 1): string {
  const outline = PORT_OUTLINES[kind]
  if ('points' in outline) {
    const corners = outline.points.map(([dx, dy]) => `${x + dx * scale} ${y + dy * scale}`)
    return `M${corners.join('L')}z`
  }
  if (!('width' in outline)) return circle(x, y, outline.radius * scale)
  const [width, height] = [outline.width * scale, outline.height * scale]
  return roundedBox(x - width / 2, y - height / 2, width, height, outline.radius * scale)
}

export function roundedBox(x: number, y: number, width: number, height: number, r: number): string {
  return `M${x + r} ${y}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${2 * r - width}a${r} ${r} 0 0 1 ${-r} ${-r}v${2 * r - height}a${r} ${r} 0 0 1 ${r} ${-r}z`
}

export function circle(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}
