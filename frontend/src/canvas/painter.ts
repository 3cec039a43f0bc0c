/** Draws what is not in the page: the ground, frames, edges, and far away the nodes. */

import type { Box } from '../graph/geometry'
import type { View } from '../viewport/camera'
import { paintCards, paintSheets } from './paintCards'
import type { Pass } from './paintPass'
import { paintWires } from './paintWires'
import { sceneOf } from './scene'
import { canvas } from './state'
import { type Theme, theme } from './theme'

const DOTS = 24

let tile: { key: string; pattern: CanvasPattern } | null = null

/** ratio: device pixels per CSS pixel. */
export function paint(
  ink: CanvasRenderingContext2D,
  view: View,
  width: number,
  height: number,
  ratio: number,
): void {
  const colours = theme()
  const { isFar, isReady, guides, box } = canvas()
  ink.setTransform(1, 0, 0, 1, 0, 0)
  ink.globalAlpha = 1
  ink.fillStyle = colours.canvas
  ink.fillRect(0, 0, width * ratio, height * ratio)
  if (!isReady) return
  paintDots(ink, view, width, height, ratio, colours)
  const { x, y, zoom } = view
  ink.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio)
  const seen = { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }
  const pass = { ink, view, seen, isFar, theme: colours, scale: zoom * ratio }
  const scene = sceneOf()
  paintSheets(pass, scene, 'frame')
  paintWires(pass, scene)
  if (isFar) {
    paintCards(pass, scene)
    paintSheets(pass, scene, 'note')
  }
  if (guides.length > 0) {
    ink.strokeStyle = colours.lamp
    ink.lineWidth = 1 / zoom
    ink.beginPath()
    for (const { axis, at, from, to } of guides) {
      ink.moveTo(axis === 'x' ? at : from, axis === 'x' ? from : at)
      ink.lineTo(axis === 'x' ? at : to, axis === 'x' ? to : at)
    }
    ink.stroke()
  }
  if (box) paintBox(pass, box)
}

function paintBox({ ink, view, theme: colours }: Pass, box: Box): void {
  ink.globalAlpha = 0.08
  ink.fillStyle = colours.text
  ink.fillRect(box.x, box.y, box.width, box.height)
  ink.globalAlpha = 1
  ink.strokeStyle = colours.text2
  ink.lineWidth = 1 / view.zoom
  ink.strokeRect(box.x, box.y, box.width, box.height)
}

function paintDots(
  ink: CanvasRenderingContext2D,
  { x, y, zoom }: View,
  width: number,
  height: number,
  ratio: number,
  colours: Theme,
): void {
  let gap = DOTS * zoom
  while (gap < 14) gap *= 2
  const size = Math.max(Math.round(gap * ratio), 8)
  const key = `${size} ${ratio} ${colours.dot}`
  if (tile?.key !== key) {
    const drawn = document.createElement('canvas')
    drawn.width = size
    drawn.height = size
    const pen = drawn.getContext('2d')
    if (!pen) return
    pen.fillStyle = colours.dot
    pen.arc(size / 2, size / 2, 1.15 * ratio, 0, 7)
    pen.fill()
    const pattern = ink.createPattern(drawn, 'repeat')
    if (!pattern) return
    tile = { key, pattern }
  }
  // The tile has whole pixels, the grid has not: it is stretched to the grid's pitch.
  const stretch = (gap * ratio) / size
  tile.pattern.setTransform(new DOMMatrix([stretch, 0, 0, stretch, x * ratio, y * ratio]))
  ink.fillStyle = tile.pattern
  ink.fillRect(0, 0, width * ratio, height * ratio)
}
