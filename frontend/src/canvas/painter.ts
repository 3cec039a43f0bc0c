/** Draws what is not in the page: the ground, frames, edges, and far away the nodes. */

import { editor } from '../editor/store'
import { tiesOf } from '../graph/flow'
import { type Box, bounds } from '../graph/geometry'
import type { Wire } from '../graph/wiring'
import { Layer, type Shown } from './layer'
import { paintCards, paintSheets } from './paintCards'
import { isInPart, type Part, type Pass, shownNodes } from './paintPass'
import { paintWires } from './paintWires'
import { sceneOf, sheetsIn } from './scene'
import { canvas } from './state'
import { type Theme, theme } from './theme'
import { routeFor, wiresIn } from './wires'

const DOTS = 24
/** The reach of rings and lines beyond what they are of, on the screen and on the plane. */
const EDGE = 20

let tile: { key: string; pattern: CanvasPattern } | null = null

/**
 * Draws the view with as little new as can be: while the view is moved, what came into sight; while
 * something of the graph is moved or boxed, that alone, over layers of the rest.
 */
export class Painter {
  private readonly whole: Layer
  private readonly ground = layerBeside({ alpha: false })
  private readonly cards = layerBeside({ alpha: true })
  /** The part of the canvas with those things, in device pixels; null when they were not drawn. */
  private inHand: Box | null = null

  constructor(
    canvas: HTMLCanvasElement,
    private readonly ink: CanvasRenderingContext2D,
  ) {
    this.whole = new Layer(canvas, ink)
  }

  /**
   * Draw all of it the next time: something changed, other than by moving the view or what is in
   * hand.
   */
  forget(): void {
    for (const layer of [this.whole, this.ground, this.cards]) layer?.forget()
  }

  paint(shown: Shown): void {
    const { moving, guides, box } = canvas()
    const { ground, cards } = this
    if ((moving || box || guides.length > 0) && ground && cards) {
      this.whole.forget()
      this.paintInHand(shown, ground, cards)
    } else {
      this.inHand = null
      this.whole.show(shown, (ink, part) => {
        const pass = passOf(ink, shown, part, 'still')
        paintGround(pass, shown)
        paintCardsAndNotes(pass)
      })
    }
  }

  /** Over what stays, and only where something is or was. Edges are beneath nodes: two layers. */
  private paintInHand(shown: Shown, ground: Layer, cards: Layer): void {
    const { ink } = this
    const { isFar } = canvas()
    const isNew = ground.show(shown, (beside, part) =>
      paintGround(passOf(beside, shown, part, 'still'), shown),
    )
    const areCardsNew =
      isFar &&
      cards.show(shown, (beside, part) => paintCardsAndNotes(passOf(beside, shown, part, 'still')))
    const { width, height } = ground.canvas
    const size = { x: 0, y: 0, width, height }
    if (ink.canvas.width !== width || ink.canvas.height !== height)
      Object.assign(ink.canvas, { width, height })
    const now = boxInHand(passOf(ink, shown, size, 'moving'), shown)
    // Lines of conditions lead anywhere.
    const isWhole = isNew || areCardsNew || tiesOf(editor().doc).length > 0
    const part = isWhole || !this.inHand ? size : within(size, [this.inHand, now])
    this.inHand = now
    ink.save()
    clipTo(ink, part)
    copy(ink, ground, part)
    const pass = passOf(ink, shown, part, 'moving')
    paintSheets(pass, sceneOf(), 'frame')
    paintWires(pass, sceneOf())
    if (isFar) copy(ink, cards, part)
    place(pass, shown)
    paintCardsAndNotes(pass)
    paintGuides(pass)
    const { box } = canvas()
    if (box) paintBox(pass, box)
    ink.restore()
  }
}

function clipTo(ink: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
  ink.setTransform(1, 0, 0, 1, 0, 0)
  ink.beginPath()
  ink.rect(x, y, width, height)
  ink.clip()
}

function copy(ink: CanvasRenderingContext2D, layer: Layer, part: Box): void {
  const { x, y, width, height } = part
  ink.setTransform(1, 0, 0, 1, 0, 0)
  ink.globalAlpha = 1
  ink.drawImage(layer.canvas, x, y, width, height, x, y, width, height)
}

/** The whole pixels around boxes, of those there are. */
function within(size: Box, boxes: readonly Box[]): Box {
  const { x, y, width, height } = bounds(boxes) ?? size
  const startX = Math.max(Math.floor(x), 0)
  const top = Math.max(Math.floor(y), 0)
  const right = Math.min(Math.ceil(x + width), size.width)
  const bottom = Math.min(Math.ceil(y + height), size.height)
  // Never nothing: what is beside the canvas is drawn on its first pixel.
  return {
    x: startX,
    y: top,
    width: Math.max(right - startX, 1),
    height: Math.max(bottom - top, 1),
  }
}

/** Around all that is moved, boxed or shown for it, in device pixels. */
function boxInHand(pass: Pass, { view, ratio }: Shown): Box {
  const { guides, box } = canvas()
  const boxes = [
    ...shownNodes(pass).map(([, shown]) => shown),
    ...sheetsIn(pass.seen).flatMap(([{ id }, shown]) => (isInPart(pass, id) ? [shown] : [])),
    ...wiresIn(pass.seen, 'moving').flatMap((wire) => bounds(cornersOf(wire)) ?? []),
    ...guides.map(({ axis, at, from, to }) =>
      axis === 'x'
        ? { x: at, y: from, width: 0, height: to - from }
        : { x: from, y: at, width: to - from, height: 0 },
    ),
    ...(box ? [box] : []),
  ]
  const around = bounds(boxes)
  if (!around) return { x: 0, y: 0, width: 1, height: 1 }
  const more = EDGE / view.zoom + EDGE
  return {
    x: ((around.x - more) * view.zoom + view.x) * ratio,
    y: ((around.y - more) * view.zoom + view.y) * ratio,
    width: (around.width + 2 * more) * pass.scale,
    height: (around.height + 2 * more) * pass.scale,
  }
}

function cornersOf(wire: Wire): Box[] {
  return (routeFor(wire) ?? []).flat().map(({ x, y }) => ({ x, y, width: 0, height: 0 }))
}

function layerBeside(settings: CanvasRenderingContext2DSettings): Layer | null {
  const beside = document.createElement('canvas')
  const ink = beside.getContext('2d', settings)
  return ink && new Layer(beside, ink)
}

/** A pass over a part of what is shown, in device pixels. */
function passOf(ink: CanvasRenderingContext2D, shown: Shown, part: Box, which: Part): Pass {
  const { view, ratio } = shown
  const scale = view.zoom * ratio
  // Rings and lines reach beyond what they are of.
  const more = EDGE / view.zoom + EDGE
  const visible = {
    x: (part.x / ratio - view.x) / view.zoom - more,
    y: (part.y / ratio - view.y) / view.zoom - more,
    width: part.width / scale + 2 * more,
    height: part.height / scale + 2 * more,
  }
  const pass = {
    ink,
    view,
    seen: visible,
    part: which,
    isFar: canvas().isFar,
    theme: theme(),
    scale,
  }
  place(pass, shown)
  return pass
}

/** Draw in coordinates of the plane. */
function place({ ink, scale }: Pass, { view, ratio }: Shown): void {
  ink.setTransform(scale, 0, 0, scale, view.x * ratio, view.y * ratio)
}

function paintGround(pass: Pass, shown: Shown): void {
  const { ink, theme: colours } = pass
  const { width, height } = ink.canvas
  ink.setTransform(1, 0, 0, 1, 0, 0)
  ink.globalAlpha = 1
  ink.fillStyle = colours.canvas
  ink.fillRect(0, 0, width, height)
  if (!canvas().isReady) return
  paintDots(ink, shown, colours)
  place(pass, shown)
  paintSheets(pass, sceneOf(), 'frame')
  paintWires(pass, sceneOf())
}

function paintCardsAndNotes(pass: Pass): void {
  if (!pass.isFar || !canvas().isReady) return
  paintCards(pass)
  paintSheets(pass, sceneOf(), 'note')
}

function paintGuides({ ink, view, theme: colours }: Pass): void {
  const { guides } = canvas()
  if (guides.length === 0) return
  ink.strokeStyle = colours.lamp
  ink.lineWidth = 1 / view.zoom
  ink.beginPath()
  for (const { axis, at, from, to } of guides) {
    ink.moveTo(axis === 'x' ? at : from, axis === 'x' ? from : at)
    ink.lineTo(axis === 'x' ? at : to, axis === 'x' ? to : at)
  }
  ink.stroke()
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

function paintDots(ink: CanvasRenderingContext2D, shown: Shown, colours: Theme): void {
  const { width, height, ratio } = shown
  const { x, y, zoom } = shown.view
  let gap = DOTS * zoom
  while (gap < 14) gap *= 2
  const size = Math.max(Math.round(gap * ratio), 8)
  const key = `${size} ${ratio} ${colours.dot}`
  if (tile?.key !== key) {
    const surface = document.createElement('canvas')
    surface.width = size
    surface.height = size
    const pen = surface.getContext('2d')
    if (!pen) return
    pen.fillStyle = colours.dot
    pen.arc(size / 2, size / 2, 1.15 * ratio, 0, 7)
    pen.fill()
    const pattern = ink.createPattern(surface, 'repeat')
    if (!pattern) return
    tile = { key, pattern }
  }
  // The tile has whole pixels, the grid has not: it is stretched to the grid's pitch.
  const stretch = (gap * ratio) / size
  tile.pattern.setTransform(new DOMMatrix([stretch, 0, 0, stretch, x * ratio, y * ratio]))
  ink.fillStyle = tile.pattern
  ink.fillRect(0, 0, width * ratio, height * ratio)
}
