/** The graph as shapes, where the canvas has it: nodes near, edges over halos, frames and notes. */

import type { SocketKind } from '../api/schema'
import type { Sheet } from '../canvas/scene'
import {
  type Box,
  bounds,
  curvePath,
  HEAD,
  INPUTS_HEAD,
  INPUTS_ROW,
  type Point,
  portAt,
  portOf,
  previewHeight,
} from '../graph/geometry'
import { circle, roundedBox, signPath } from '../graph/portIcons'
import { INPUTS, type Socket, type Wire, type Wiring, type WiringNode } from '../graph/wiring'
import { type Drawing, roundedTop, type Shape } from './shapes'

export interface Colours {
  readonly canvas: string
  readonly surface: string
  readonly surface2: string
  readonly line2: string
  readonly text: string
  readonly text2: string
  readonly text3: string
  readonly bad: string
  readonly hue: Readonly<Record<SocketKind, string>>
}

/** The graph to draw. words: below the title; picture: the address of the stage's result. */
export interface Graph {
  readonly title: string
  readonly wiring: Wiring
  readonly boxes: ReadonlyMap<string, Box>
  readonly sheets: readonly Sheet[]
  readonly words: (id: string) => string
  readonly picture: (id: string) => string | null
  readonly inputWords: (key: string) => string
}

/** The width of a text, in pixels. */
export type Measure = (text: string, size: number, weight: number) => number

const MARGIN = 48
const PAD = 16

export function drawGraph(graph: Graph, colours: Colours, measure: Measure): Drawing {
  const { boxes, sheets, wiring } = graph
  const around = bounds([...boxes.values(), ...sheets.map((sheet) => sheet.box)])
  const box = around ?? { x: 0, y: 0, width: 320, height: 180 }
  const pen = new Pen(graph, colours, measure)
  const shapes = [
    ...sheets.filter((sheet) => sheet.type === 'frame').map((sheet) => pen.sheet(sheet)),
    ...wiring.edges.flatMap((wire) => pen.edge(wire)),
    ...sheets.filter((sheet) => sheet.type === 'note').map((sheet) => pen.sheet(sheet)),
    ...[...wiring.nodes.values()].flatMap((node) => pen.node(node)),
  ]
  return {
    title: graph.title,
    box: {
      x: box.x - MARGIN,
      y: box.y - MARGIN,
      width: box.width + 2 * MARGIN,
      height: box.height + 2 * MARGIN,
    },
    background: colours.canvas,
    shapes,
  }
}

class Pen {
  constructor(
    private readonly graph: Graph,
    private readonly colours: Colours,
    private readonly measure: Measure,
  ) {}

  node(node: WiringNode): Shape[] {
    const box = this.graph.boxes.get(node.id)
    if (!box) return []
    const { surface, line2 } = this.colours
    const outline = roundedBox(box.x, box.y, box.width, box.height, 12)
    const shapes: Shape[] = [
      { type: 'path', d: outline, fill: surface },
      ...(node.id === INPUTS ? this.inputs(node, box) : this.stage(node, box)),
      { type: 'path', d: outline, stroke: line2, width: 1 },
      ...this.ports(node, box),
    ]
    return [{ type: 'group', of: 'node', id: node.id, shapes }]
  }

  edge(wire: Wire): Shape[] {
    const { boxes, wiring } = this.graph
    const from = this.end(
      wiring.nodes.get(wire.source),
      boxes.get(wire.source),
      'out',
      wire.sourceSocket,
    )
    const to = this.end(
      wiring.nodes.get(wire.target),
      boxes.get(wire.target),
      'in',
      wire.targetSocket,
    )
    if (!from || !to) return []
    const d = curvePath(from, to)
    const stroke = wire.isBackward ? this.colours.bad : this.colours.hue[wire.kind]
    const line: Shape = {
      type: 'path',
      d,
      stroke,
      width: 2,
      ...(wire.isImplied ? { dash: [5, 6] } : {}),
    }
    const halo: Shape = { type: 'path', d, stroke: this.colours.canvas, width: 7 }
    return [{ type: 'group', of: 'edge', id: wire.id, shapes: [halo, line] }]
  }

  sheet(sheet: Sheet): Shape {
    const { x, y, width, height } = sheet.box
    const { surface2, line2, text, text2 } = this.colours
    const isFrame = sheet.type === 'frame'
    const d = roundedBox(x, y, width, height, 16)
    const lines = isFrame
      ? [this.cut(sheet.text || 'Frame', width - 28, 13, 600)]
      : this.lines(sheet.text, width - 28, Math.floor((height - 20) / 20))
    const words = lines.map(
      (line, at): Shape => ({
        type: 'text',
        x: x + 14,
        y: y + 20 + at * 20,
        text: line,
        size: 13,
        weight: isFrame ? 600 : 400,
        fill: isFrame ? text2 : text,
        align: 'left',
      }),
    )
    const ground: Shape = {
      type: 'path',
      d,
      fill: surface2,
      stroke: line2,
      width: 1,
      alpha: isFrame ? 0.55 : 1,
    }
    return { type: 'group', of: sheet.type, id: sheet.key, shapes: [ground, ...words] }
  }

  private end(
    node: WiringNode | undefined,
    box: Box | undefined,
    side: 'in' | 'out',
    socket: string,
  ): Point | null {
    if (!node || !box) return null
    const middle = { x: side === 'in' ? 0 : box.width, y: box.height / 2 }
    const at = portOf(node, side, socket) ?? middle
    return { x: box.x + at.x, y: box.y + at.y }
  }

  private stage(node: WiringNode, box: Box): Shape[] {
    const { text, text2, text3, hue } = this.colours
    const height = previewHeight(node.kind)
    const url = this.graph.picture(node.id)
    const top = roundedTop(box.x, box.y, box.width, height, 12)
    const look: Shape[] = url
      ? [{ type: 'image', x: box.x, y: box.y, width: box.width, height, clip: top, url }]
      : [
          { type: 'path', d: top, fill: hue[node.kind], alpha: 0.12 },
          {
            type: 'path',
            d: signPath(node.kind, box.x + box.width / 2, box.y + height / 2, 2),
            fill: hue[node.kind],
          },
        ]
    const middle = box.y + height + HEAD / 2
    const room = box.width - PAD - 40
    const words = this.graph.words(node.id)
    const textX = box.x + 40
    return [
      ...look,
      { type: 'path', d: signPath(node.kind, box.x + 23, middle - 6, 1), fill: hue[node.kind] },
      this.text(textX, words ? middle - 6 : middle, node.title, 15, 600, text, room),
      ...(words ? [this.text(textX, middle + 12, words, 12.5, 400, text3, room)] : []),
      ...this.names(node, box, text2),
    ]
  }

  private names(node: WiringNode, box: Box, fill: string): Shape[] {
    const both = Math.max(node.inputs.length, node.outputs.length)
    return Array.from({ length: both }, (_, at) => at).flatMap((at) => {
      const [leftTitle, right] = [node.inputs[at]?.title, node.outputs[at]?.title]
      const y = box.y + portAt(node, 'in', at).y
      const room = (box.width - 2 * PAD) * (leftTitle && right ? 0.64 : 1)
      const shapes: Shape[] = []
      if (leftTitle) shapes.push(this.text(box.x + PAD, y, leftTitle, 12, 400, fill, room))
      if (right) {
        const label = this.text(box.x + box.width - PAD, y, right, 12, 400, fill, room * 0.5)
        shapes.push({ ...label, align: 'right' } as Shape)
      }
      return shapes
    })
  }

  private inputs(node: WiringNode, box: Box): Shape[] {
    const { text, text3 } = this.colours
    const room = box.width - 2 * PAD
    return [
      this.text(box.x + PAD, box.y + INPUTS_HEAD / 2, 'Inputs', 13, 600, text, room),
      ...node.outputs.flatMap((socket, at): Shape[] => {
        const y = box.y + INPUTS_HEAD + INPUTS_ROW * at
        const words = this.graph.inputWords(socket.key)
        return [
          this.text(box.x + PAD, y + 15, socket.title, 13, 600, text, room),
          this.text(box.x + PAD, y + 32, words, 12, 400, text3, room),
        ]
      }),
    ]
  }

  private ports(node: WiringNode, box: Box): Shape[] {
    const port = (socket: Socket, side: 'in' | 'out', at: number): Shape[] => {
      const place = portAt(node, side, at)
      const [x, y] = [box.x + place.x, box.y + place.y]
      const hue = this.colours.hue[socket.kind]
      const isOpen = side === 'in' && !socket.isFilled
      const isMissing = socket.isBroken || (isOpen && socket.isRequired)
      const d = signPath(socket.kind, x, y, 1)
      return [
        { type: 'path', d: circle(x, y, 9), fill: this.colours.canvas },
        isOpen
          ? { type: 'path', d, fill: this.colours.canvas, stroke: hue, width: 1.6 }
          : { type: 'path', d, fill: hue },
        ...(isMissing
          ? [{ type: 'path', d: circle(x, y, 10), stroke: this.colours.bad, width: 2 } as const]
          : []),
      ]
    }
    return [
      ...node.inputs.flatMap((socket, at) => port(socket, 'in', at)),
      ...node.outputs.flatMap((socket, at) => port(socket, 'out', at)),
    ]
  }

  private text(
    x: number,
    y: number,
    words: string,
    size: number,
    weight: number,
    fill: string,
    room: number,
  ): Shape & { type: 'text' } {
    const text = this.cut(words, room, size, weight)
    return { type: 'text', x, y, text, size, weight, fill, align: 'left' }
  }

  private cut(words: string, room: number, size: number, weight: number): string {
    let text = words.slice(0, 400)
    let length = text.length
    while (length > 1 && this.measure(text, size, weight) > room) {
      length = Math.min(length - 1, Math.floor(length * 0.9))
      text = `${words.slice(0, length).trimEnd()}…`
    }
    return text
  }

  /** A note's text on lines of that width, cut after `most`. */
  private lines(words: string, room: number, most: number): string[] {
    const lines: string[] = []
    for (const paragraph of words.split('\n')) {
      let line = ''
      for (const word of paragraph.split(/\s+/)) {
        const longer = line ? `${line} ${word}` : word
        if (line && this.measure(longer, 13, 400) > room) {
          lines.push(line)
          line = word
        } else line = longer
      }
      lines.push(this.cut(line, room, 13, 400))
      if (lines.length > most) break
    }
    return lines.slice(0, Math.max(most, 1))
  }
}
