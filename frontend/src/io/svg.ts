/** A drawing as an SVG file that stands alone: nothing in it is fetched. */

import { type Drawing, FONT, type Paint, type Pictures, type Shape } from './shapes'

export function toSvg(drawing: Drawing, pictures: Pictures): string {
  const { x, y, width, height } = drawing.box
  const writer = new Writer(pictures)
  const shapes = drawing.shapes.map((shape) => writer.shape(shape)).join('\n')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="${n(x)} ${n(y)} ${n(width)} ${n(height)}" font-family="${escapeText(FONT)}">`,
    `<title>${escapeText(drawing.title)}</title>`,
    `<path d="M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}z" fill="${drawing.background}"/>`,
    shapes,
    '</svg>',
    '',
  ].join('\n')
}

class Writer {
  private clips = 0

  constructor(private readonly pictures: Pictures) {}

  shape(shape: Shape): string {
    switch (shape.type) {
      case 'path':
        return `<path d="${roundNumbers(shape.d)}"${paint(shape)}/>`
      case 'text': {
        const anchor = shape.align === 'right' ? ' text-anchor="end"' : ''
        // Renderers differ on baselines: a third of the size below the middle suits all.
        const y = n(shape.y + shape.size * 0.36)
        return `<text x="${n(shape.x)}" y="${y}" font-size="${shape.size}" font-weight="${shape.weight}" fill="${shape.fill}"${anchor}>${escapeText(shape.text)}</text>`
      }
      case 'image': {
        const picture = this.pictures.get(shape.url)
        if (!picture) return ''
        this.clips += 1
        const id = `c${this.clips}`
        const { x, y, width, height } = shape
        return `<clipPath id="${id}"><path d="${roundNumbers(shape.clip)}"/></clipPath><image x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" preserveAspectRatio="xMidYMid slice" clip-path="url(#${id})" href="${picture.href}"/>`
      }
      case 'group':
        return `<g class="${shape.of}" data-id="${escapeText(shape.id)}">${shape.shapes.map((inner) => this.shape(inner)).join('')}</g>`
    }
  }
}

function paint({ fill, stroke, width, dash, alpha }: Paint): string {
  const parts = [` fill="${fill ?? 'none'}"`]
  if (stroke) parts.push(` stroke="${stroke}" stroke-width="${width ?? 1}"`)
  if (dash) parts.push(` stroke-dasharray="${dash.join(' ')}"`)
  if (stroke && !fill) parts.push(' stroke-linecap="round"')
  if (alpha !== undefined && alpha !== 1) parts.push(` opacity="${alpha}"`)
  return parts.join('')
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function roundNumbers(d: string): string {
  return d.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => n(Number(number)))
}

// What XML 1.0 cannot hold, not even escaped.
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu

function escapeText(text: string): string {
  return text
    .replace(UNFIT, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
