/** A drawing as a PNG, painted by ourselves: no picture of a picture that a policy could refuse. */

import { type Drawing, FONT, type Pictures, type Shape } from './shapes'

const SCALE = 2
/** The limits of canvases in browsers: a side, and in all. */
const MOST_SIDE = 16_000
const MOST_PIXELS = 80_000_000

/** Return the pixels of a graph pixel: two, or as many as a canvas can hold. */
export function scaleFor({ width, height }: { width: number; height: number }): number {
  return Math.min(
    SCALE,
    MOST_SIDE / Math.max(width, height),
    Math.sqrt(MOST_PIXELS / (width * height)),
  )
}

export async function toPng(drawing: Drawing, pictures: Pictures): Promise<Blob> {
  const { x, y, width, height } = drawing.box
  const scale = scaleFor(drawing.box)
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  const ink = canvas.getContext('2d')
  if (!ink) throw new Error("Your browser can't export images.")
  ink.fillStyle = drawing.background
  ink.fillRect(0, 0, canvas.width, canvas.height)
  ink.setTransform(scale, 0, 0, scale, -x * scale, -y * scale)
  ink.textBaseline = 'middle'
  for (const shape of drawing.shapes) paint(ink, shape, pictures)
  return await new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) =>
        blob
          ? resolve(blob)
          : reject(new Error('This template is too large for PNG. Export SVG instead.')),
      'image/png',
    )
  })
}

function paint(ink: CanvasRenderingContext2D, shape: Shape, pictures: Pictures): void {
  switch (shape.type) {
    case 'group':
      for (const inner of shape.shapes) paint(ink, inner, pictures)
      break
    case 'path': {
      const path = new Path2D(shape.d)
      ink.globalAlpha = shape.alpha ?? 1
      if (shape.fill) {
        ink.fillStyle = shape.fill
        ink.fill(path)
      }
      if (shape.stroke) {
        ink.strokeStyle = shape.stroke
        ink.lineWidth = shape.width ?? 1
        ink.lineCap = shape.fill ? 'butt' : 'round'
        ink.setLineDash([...(shape.dash ?? [])])
        ink.stroke(path)
      }
      ink.globalAlpha = 1
      break
    }
    case 'text':
      ink.font = `${shape.weight} ${shape.size}px ${FONT}`
      ink.fillStyle = shape.fill
      ink.textAlign = shape.align
      ink.fillText(shape.text, shape.x, shape.y + shape.size * 0.04)
      break
    case 'image': {
      const picture = pictures.get(shape.url)
      if (!picture) break
      const cover = Math.max(shape.width / picture.width, shape.height / picture.height)
      const [w, h] = [shape.width / cover, shape.height / cover]
      ink.save()
      ink.clip(new Path2D(shape.clip))
      const [offsetX, top] = [(picture.width - w) / 2, (picture.height - h) / 2]
      ink.drawImage(picture.image, offsetX, top, w, h, shape.x, shape.y, shape.width, shape.height)
      ink.restore()
    }
  }
}
