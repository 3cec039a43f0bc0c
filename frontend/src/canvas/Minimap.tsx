import { type PointerEvent, useEffect, useRef } from 'react'
import { useEditor } from '../editor/store'
import { type Box, bounds, covers, type Point } from '../graph/geometry'
import { useRun } from '../run/store'
import { leaveDraw, nextDraw } from '../viewport/frames'
import { lookOf } from './nodeState'
import { boxOf, everything, isSheet } from './scene'
import { canvas, useCanvas } from './state'
import { onThemeChange, theme } from './theme'
import { camera } from './view'

const WIDTH = 200
const HEIGHT = 118
const MARGIN = 10
/** So much of the graph is seen wherever the view goes, in screen pixels. */
const PART = 80

/** The place of the map on the canvas: canvas = map / scale + corner. */
interface Plan {
  around: Box
  scale: number
  left: number
  top: number
}

/** The whole graph, small; dragging in it moves what is seen. */
export function Minimap() {
  const element = useRef<HTMLCanvasElement>(null)
  const plan = useRef<Plan | null>(null)
  useEffect(() => {
    const surface = element.current
    const ink = surface?.getContext('2d')
    if (!surface || !ink) return
    const ratio = Math.min(window.devicePixelRatio || 1, 2)
    surface.width = WIDTH * ratio
    surface.height = HEIGHT * ratio
    const layer = document.createElement('canvas')
    layer.width = surface.width
    layer.height = surface.height
    let isStale = true
    const draw = () => {
      if (isStale) plan.current = paintNodes(layer, ratio)
      isStale = false
      ink.setTransform(1, 0, 0, 1, 0, 0)
      ink.clearRect(0, 0, surface.width, surface.height)
      ink.drawImage(layer, 0, 0)
      if (!plan.current) return
      paintMoving(ink, plan.current, ratio)
      paintSeen(ink, plan.current, ratio)
    }
    const kick = () => nextDraw(draw)
    const redraw = () => {
      isStale = true
      kick()
    }
    const leave = [
      camera.store.subscribe((now, old) => now.view !== old.view && kick()),
      useEditor.subscribe((now, old) => {
        if (now.wiring !== old.wiring || now.doc !== old.doc || now.mode !== old.mode) redraw()
      }),
      useCanvas.subscribe((now, old) => {
        // What is moved is drawn over the rest, as long as it stays inside.
        const isOneMove = (now.moving === null) === (old.moving === null)
        if (!isOneMove || now.isReady !== old.isReady) redraw()
        else if (now.moving !== old.moving) (isInside(plan.current) ? kick : redraw)()
      }),
      useRun.subscribe((now, old) => {
        if (now.steps !== old.steps || now.run !== old.run) redraw()
      }),
      onThemeChange(redraw),
    ]
    kick()
    return () => {
      leaveDraw(draw)
      for (const stop of leave) stop()
    }
  }, [])
  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = plan.current
    if (!at) return
    const frame = event.currentTarget.getBoundingClientRect()
    const x = ((event.clientX - frame.left) / frame.width) * WIDTH
    const y = ((event.clientY - frame.top) / frame.height) * HEIGHT
    camera.center(inSight(inverse(at, { x, y })))
  }
  return (
    <canvas
      ref={element}
      className="minimap"
      role="img"
      aria-label="Minimap"
      data-own-pointer=""
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        go(event)
      }}
      // Only a drag that began here; others pass over it.
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && go(event)}
    />
  )
}

function inverse({ around, scale, left, top }: Plan, { x, y }: Point): Point {
  return { x: (x - left) / scale + around.x, y: (y - top) / scale + around.y }
}

/** The nearest point to look at from where something of the graph is seen. */
function inSight(point: Point): Point {
  const { width, height } = camera.seen()
  const part = PART / camera.view.zoom
  let nearest = point
  let least = Infinity
  for (const [id, box] of everything()) {
    if (id.startsWith('frame:')) continue
    const x = within(point.x, width, part, box.x, box.width)
    const y = within(point.y, height, part, box.y, box.height)
    const away = Math.hypot(x - point.x, y - point.y)
    if (away >= least) continue
    least = away
    nearest = { x, y }
  }
  return nearest
}

/** The nearest middle of what is seen that has so much of something in it, along one axis. */
function within(middle: number, seen: number, part: number, from: number, size: number): number {
  const inside = Math.min(part, size)
  return Math.max(from + inside - seen / 2, Math.min(middle, from + size - inside + seen / 2))
}

function paintNodes(layer: HTMLCanvasElement, ratio: number): Plan | null {
  const ink = layer.getContext('2d')
  if (!ink) return null
  ink.setTransform(1, 0, 0, 1, 0, 0)
  ink.clearRect(0, 0, layer.width, layer.height)
  const { moving } = canvas()
  const boxes = [...everything()]
  const around = bounds(boxes.map(([, box]) => box))
  if (!around) return null
  const scale = Math.min(
    (WIDTH - 2 * MARGIN) / around.width,
    (HEIGHT - 2 * MARGIN) / around.height,
    0.12,
  )
  const marginX = (WIDTH - around.width * scale) / 2
  const top = (HEIGHT - around.height * scale) / 2
  const plan = { around, scale, left: marginX, top }
  paintBoxes(
    ink,
    plan,
    ratio,
    boxes.filter(([id]) => !moving?.has(id)),
  )
  return plan
}

/** Return true if everything that is moved is within the map. */
function isInside(plan: Plan | null): boolean {
  return plan !== null && movingBoxes().every(([, box]) => covers(plan.around, box))
}

function movingBoxes(): [string, Box][] {
  return [...(canvas().moving?.keys() ?? [])].flatMap((id) => {
    const box = boxOf(id)
    return box ? [[id, box] as [string, Box]] : []
  })
}

function paintMoving(ink: CanvasRenderingContext2D, plan: Plan, ratio: number): void {
  if (canvas().moving) paintBoxes(ink, plan, ratio, movingBoxes())
}

function paintBoxes(
  ink: CanvasRenderingContext2D,
  { around, scale, left, top }: Plan,
  ratio: number,
  boxes: readonly [string, Box][],
): void {
  ink.setTransform(ratio, 0, 0, ratio, left * ratio, top * ratio)
  const colours = theme()
  for (const [id, box] of boxes) {
    const isFrame = isSheet(id)
    const look = isFrame ? 'idle' : lookOf(id)
    ink.fillStyle =
      look === 'running'
        ? colours.lampFill
        : look === 'turn'
          ? colours.wait
          : look === 'failed'
            ? colours.bad
            : colours.lineStrong
    ink.globalAlpha = isFrame ? 0.16 : ['running', 'turn', 'failed'].includes(look) ? 1 : 0.55
    ink.beginPath()
    const x = (box.x - around.x) * scale
    const y = (box.y - around.y) * scale
    const width = Math.max(box.width * scale, 1.5)
    const height = Math.max(box.height * scale, 1.5)
    if (width > 6) ink.roundRect(x, y, width, height, 2)
    else ink.rect(x, y, width, height)
    ink.fill()
  }
  ink.globalAlpha = 1
}

function paintSeen(ink: CanvasRenderingContext2D, plan: Plan, ratio: number): void {
  const { around, scale, left, top } = plan
  const box = camera.seen()
  ink.setTransform(ratio, 0, 0, ratio, 0, 0)
  // What is seen may reach beyond the map: its frame stays inside.
  const x = Math.max((box.x - around.x) * scale + left, 4)
  const y = Math.max((box.y - around.y) * scale + top, 4)
  const right = Math.min((box.x + box.width - around.x) * scale + left, WIDTH - 4)
  const bottom = Math.min((box.y + box.height - around.y) * scale + top, HEIGHT - 4)
  ink.strokeStyle = theme().text
  ink.lineWidth = 1.5
  ink.beginPath()
  ink.roundRect(x, y, Math.max(right - x, 3), Math.max(bottom - y, 3), 3)
  ink.stroke()
}
