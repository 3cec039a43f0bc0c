/** Draws frames beneath everything and, far away, nodes as cards with notes on top. */

import { editor } from '../editor/store'
import { type Box, touches } from '../graph/geometry'
import { signPath } from '../graph/portIcons'
import { INPUTS, type WiringNode } from '../graph/wiring'
import { pictureOf } from '../run/pictures'
import { type Look, lookOf, mediaOf } from './nodeState'
import { isInPart, type Pass, shownNodes } from './paintPass'
import { type Scene, type Sheet, shiftBox } from './scene'
import { canvas } from './state'
import type { Theme } from './theme'
import { thumb } from './thumbs'

const HEAD = 44
const RADIUS = 12
/** Titles are written from here on. */
const WORDS = 0.18
/** Corners are seen from here on. */
const ROUND = 0.25

function ring(look: Look, theme: Theme): string | null {
  switch (look) {
    case 'running':
      return theme.lamp
    case 'turn':
      return theme.wait
    case 'failed':
      return theme.bad
    case 'reused':
      return theme.reused
    default:
      return null
  }
}

export function paintCards(pass: Pass): void {
  const { ink, theme, view } = pass
  const { wiring, selection, focused } = editor()
  const { isKeyed } = canvas()
  const isWorded = view.zoom >= WORDS
  for (const [id, box] of shownNodes(pass)) {
    const node = wiring.nodes.get(id)
    if (!node) continue
    const look = lookOf(id)
    body(pass, box)
    ink.fill()
    if (id === INPUTS) inputs(pass, node, box)
    else media(pass, node, box, look)
    const state = ring(look, theme)
    ink.strokeStyle = state ?? theme.line2
    ink.lineWidth = state ? 3 / Math.min(view.zoom * 2, 1) : 1 / Math.min(view.zoom, 1)
    body(pass, box)
    ink.stroke()
    if (isWorded && id !== INPUTS) title(pass, node, box)
    if (selection.has(id) || (isKeyed && focused === id)) outline(pass, box, selection.has(id))
  }
}

function body({ ink, theme, view }: Pass, box: Box): void {
  ink.fillStyle = theme.surface
  ink.beginPath()
  if (view.zoom < ROUND) ink.rect(box.x, box.y, box.width, box.height)
  else ink.roundRect(box.x, box.y, box.width, box.height, RADIUS)
}

function media(pass: Pass, node: WiringNode, box: Box, look: Look): void {
  const { ink, theme, view, scale } = pass
  const height = box.height - HEAD
  const url = pictureOf(mediaOf(node.id)[0])
  const picture = url ? thumb(url, box.width * scale) : null
  ink.globalAlpha = look === 'will' || look === 'skipped' || node.isBypassed ? 0.55 : 1
  if (picture) {
    // As large as covers the place, the rest cut off on both sides.
    const cover = Math.max(box.width / picture.width, height / picture.height)
    const w = box.width / cover
    const h = height / cover
    ink.imageSmoothingEnabled = view.zoom > 0.12
    const x = (picture.width - w) / 2
    const y = (picture.height - h) / 2
    ink.drawImage(picture, x, y, w, h, box.x, box.y, box.width, height)
  } else {
    ink.globalAlpha *= 0.16
    ink.fillStyle = theme.hue[node.kind]
    ink.fillRect(box.x + 4, box.y + 4, box.width - 8, height - 8)
    ink.globalAlpha = look === 'queued' ? 0.5 : 0.9
    ink.fillStyle = theme.hue[node.kind]
    glyph(ink, node.kind, box.x + box.width / 2, box.y + height / 2, 3)
  }
  ink.globalAlpha = 1
}

/** The shape of what a node makes. */
function glyph(
  ink: CanvasRenderingContext2D,
  kind: WiringNode['kind'],
  x: number,
  y: number,
  size: number,
): void {
  ink.fill(new Path2D(signPath(kind, x, y, size)))
}

function inputs({ ink, theme, view }: Pass, node: WiringNode, box: Box): void {
  node.outputs.forEach((socket, at) => {
    ink.fillStyle = theme.hue[socket.kind]
    glyph(ink, socket.kind, box.x + 24, box.y + 67 + 46 * at, 1.6)
    if (view.zoom < WORDS) return
    ink.fillStyle = theme.text2
    ink.font = `500 20px ${theme.font}`
    ink.textBaseline = 'middle'
    ink.fillText(fitText(ink, socket.title, box.width - 56), box.x + 44, box.y + 67 + 46 * at)
  })
}

function title({ ink, theme, view }: Pass, node: WiringNode, box: Box): void {
  const size = Math.round(Math.min(28, Math.max(17, 10.5 / view.zoom)) / 3) * 3
  ink.font = `600 ${size}px ${theme.font}`
  ink.fillStyle = theme.text
  ink.textBaseline = 'middle'
  const words = fitText(ink, node.title, box.width - 24)
  ink.fillText(words, box.x + 12, box.y + box.height - HEAD / 2)
}

const cuts = new Map<string, string>()

/** The text cut to a width in the font that is set. */
function fitText(ink: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${ink.font} ${room} ${text}`
  let cut = cuts.get(key)
  if (cut === undefined) {
    cut = text
    let length = text.length
    while (length > 1 && ink.measureText(cut).width > room) {
      length = Math.min(length - 1, Math.floor(length * 0.9))
      cut = `${text.slice(0, length).trimEnd()}…`
    }
    if (cuts.size > 4_000) cuts.clear()
    cuts.set(key, cut)
  }
  return cut
}

function outline({ ink, theme, view }: Pass, box: Box, isSelected: boolean): void {
  const off = isSelected ? 7 : 4
  const width = (isSelected ? 1.5 : 2) / Math.min(view.zoom, 1)
  ink.strokeStyle = theme.text
  ink.lineWidth = width
  ink.beginPath()
  const room = Math.max(off, width * 1.5)
  ink.roundRect(box.x - room, box.y - room, box.width + 2 * room, box.height + 2 * room, 18)
  ink.stroke()
}

export function paintSheets(pass: Pass, scene: Scene, type: Sheet['type']): void {
  const { ink, theme, isFar, seen, view } = pass
  const { moving } = canvas()
  const { selection } = editor()
  for (const sheet of scene.sheets.values()) {
    const box = shiftBox(sheet.box, moving?.get(sheet.id))
    if (sheet.type !== type || !isInPart(pass, sheet.id) || !touches(box, seen)) continue
    ink.beginPath()
    ink.roundRect(box.x, box.y, box.width, box.height, 16)
    ink.fillStyle = theme.surface2
    ink.globalAlpha = sheet.type === 'frame' ? 0.55 : 1
    ink.fill()
    ink.globalAlpha = 1
    ink.strokeStyle = theme.line2
    ink.lineWidth = 1 / Math.min(view.zoom, 1)
    ink.stroke()
    if (!isFar || view.zoom < 0.06) continue
    const size = sheet.type === 'frame' ? Math.min(13 / view.zoom, 80) : 18
    ink.font = `600 ${Math.round(size)}px ${theme.font}`
    ink.fillStyle = theme.text2
    ink.textBaseline = 'top'
    if (view.zoom >= WORDS || sheet.type === 'frame')
      ink.fillText(
        fitText(ink, sheet.text.split('\n')[0] ?? '', box.width - 28),
        box.x + 14,
        box.y + 12,
      )
    if (selection.has(sheet.id)) outline(pass, box, true)
  }
}
