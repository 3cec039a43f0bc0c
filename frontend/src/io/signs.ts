import type { SocketKind } from '../types'
import { circle, roundedBox } from './shapes'

/** The shape of a kind, as ports have it: it tells the kind also where its hue is not seen. */
export function sign(kind: SocketKind, x: number, y: number, scale: number): string {
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
    default:
      return circle(x, y, n(4))
  }
}
