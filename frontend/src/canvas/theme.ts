/** The tokens as the painter needs them: plain colors, read again when the theme changes. */

import { SOCKET_KINDS, type SocketKind } from '../api/schema'

export interface Theme {
  readonly canvas: string
  readonly surface: string
  readonly surface2: string
  readonly line2: string
  readonly lineStrong: string
  readonly text: string
  readonly text2: string
  readonly text3: string
  readonly lamp: string
  readonly lampFill: string
  readonly wait: string
  readonly bad: string
  readonly reused: string
  readonly dot: string
  readonly font: string
  readonly hue: Readonly<Record<SocketKind, string>>
}

let cache: Theme | null = null
const listeners = new Set<() => void>()

export function theme(): Theme {
  cache ??= readTheme()
  return cache
}

/** Call when colors change: the person's choice, the system's, or more contrast. */
export function onThemeChange(listener: () => void): () => void {
  if (listeners.size === 0) watch()
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let isWatching = false

function watch(): void {
  if (isWatching) return
  isWatching = true
  const onChange = () => {
    cache = null
    for (const listener of listeners) listener()
  }
  const attributes = { attributes: true, attributeFilter: ['data-theme', 'class'] }
  new MutationObserver(onChange).observe(document.documentElement, attributes)
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)'])
    matchMedia(query).addEventListener('change', onChange)
}

function readTheme(): Theme {
  // Custom properties keep `light-dark()` unresolved; a real color property does not.
  const probe = document.createElement('i')
  probe.hidden = true
  document.body.append(probe)
  const style = getComputedStyle(probe)
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`
    return style.color
  }
  const hue = Object.fromEntries(SOCKET_KINDS.map((kind) => [kind, colour(`t-${kind}`)]))
  const colours: Theme = {
    canvas: colour('canvas'),
    surface: colour('surface'),
    surface2: colour('surface-2'),
    line2: colour('line-2'),
    lineStrong: colour('line-strong'),
    text: colour('text'),
    text2: colour('text-2'),
    text3: colour('text-3'),
    lamp: colour('lamp-line'),
    lampFill: colour('lamp-fill'),
    wait: colour('wait-line'),
    bad: colour('bad'),
    reused: colour('reused'),
    dot: colour('dot'),
    font: style.fontFamily,
    hue: hue as Record<SocketKind, string>,
  }
  probe.remove()
  return colours
}
