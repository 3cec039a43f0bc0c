/** The part of the canvas that is seen: moved, fitted, remembered. The one door to React Flow. */

import type { ReactFlowInstance } from '@xyflow/react'
import { editor } from '../editor/store'
import { provideCentre } from '../editor/viewport'
import { type Box, bounds, type Point } from '../graph/geometry'
import { boxOf, everything, sceneOf, touches } from './scene'
import { canvas, setCanvas } from './state'

export const MIN_ZOOM = 0.03
export const MAX_ZOOM = 2
/** Below this, or with more nodes in view than that, the canvas draws them. */
const NEAR = 0.5
const MOST_NEAR = 60
/** It takes this much less to come back, so that nothing flickers at the brink. */
const EASE_OFF = 0.92
const MARGIN = 48

export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

interface Store {
  getState: () => {
    transform: [number, number, number]
    width: number
    height: number
    domNode: HTMLElement | null
  }
}

let flow: ReactFlowInstance | null = null
let store: Store | null = null

/** `Canvas` gives what it was made with; null when it goes. */
export function attachFlow(instance: ReactFlowInstance | null, api: Store | null): void {
  flow = instance
  store = api
}

export function view(): View {
  const [x, y, zoom] = store?.getState().transform ?? [0, 0, 1]
  return { x, y, zoom }
}

export function screenSize(): { width: number; height: number } {
  const { width = 0, height = 0 } = store?.getState() ?? {}
  return { width, height }
}

/** Where the canvas begins in the window. */
export function screenCorner(): Point {
  const frame = store?.getState().domNode?.getBoundingClientRect()
  return { x: frame?.left ?? 0, y: frame?.top ?? 0 }
}

/** Window coordinates, as events have them, on the canvas. */
export function toCanvas(point: Point): Point {
  const { x, y, zoom } = view()
  const corner = screenCorner()
  return { x: (point.x - corner.x - x) / zoom, y: (point.y - corner.y - y) / zoom }
}

/** A point of the canvas in window coordinates. */
export function toScreen(point: Point): Point {
  const { x, y, zoom } = view()
  const corner = screenCorner()
  return { x: point.x * zoom + x + corner.x, y: point.y * zoom + y + corner.y }
}

/** What is seen, in canvas coordinates. */
export function seen(at: View = view()): Box {
  const { width, height } = screenSize()
  return {
    x: -at.x / at.zoom,
    y: -at.y / at.zoom,
    width: width / at.zoom,
    height: height / at.zoom,
  }
}

/** The middle of what is seen: where something new goes when no one says where. */
export function middle(): Point {
  const box = seen()
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

provideCentre(middle)

export function setView(next: View, isAnimated = false): void {
  const zoom = Math.min(Math.max(next.zoom, MIN_ZOOM), MAX_ZOOM)
  void flow?.setViewport({ ...next, zoom }, { duration: isAnimated ? duration() : 0 })
}

/** Zoom around a point of the screen, else around the middle. */
export function zoomTo(zoom: number, isAnimated = true): void {
  const { width, height } = screenSize()
  const now = view()
  const next = Math.min(Math.max(zoom, MIN_ZOOM), MAX_ZOOM)
  const scale = next / now.zoom
  const x = width / 2 - (width / 2 - now.x) * scale
  const y = height / 2 - (height / 2 - now.y) * scale
  setView({ x, y, zoom: next }, isAnimated)
}

export function zoomBy(factor: number): void {
  zoomTo(view().zoom * factor)
}

export function panBy(x: number, y: number): void {
  const now = view()
  setView({ x: now.x + x, y: now.y + y, zoom: now.zoom })
}

/** Show all of these, or everything. most: zoom is at most this. */
export function fitView(ids?: Iterable<string>, isAnimated = true, most = 1): void {
  const boxes = ids ? [...ids].map(boxOf).filter((box) => box !== null) : all()
  const around = bounds(boxes)
  const { width, height } = screenSize()
  if (!around || width === 0) return
  const room = {
    width: Math.max(width - 2 * MARGIN, 80),
    height: Math.max(height - 2 * MARGIN, 80),
  }
  const zoom = Math.min(room.width / around.width, room.height / around.height, most)
  const kept = Math.max(zoom, MIN_ZOOM)
  const x = width / 2 - (around.x + around.width / 2) * kept
  const y = height / 2 - (around.y + around.height / 2) * kept
  setView({ x, y, zoom: kept }, isAnimated)
}

/** Bring a node into view, if it is not, without changing the zoom. */
export function reveal(id: string, isAnimated = true): void {
  const box = boxOf(id)
  if (!box) return
  const now = view()
  const { width, height } = screenSize()
  const left = box.x * now.zoom + now.x
  const top = box.y * now.zoom + now.y
  const x = into(left, box.width * now.zoom, width)
  const y = into(top, box.height * now.zoom, height)
  if (x !== 0 || y !== 0) setView({ x: now.x + x, y: now.y + y, zoom: now.zoom }, isAnimated)
}

export function centerOn(point: Point, isAnimated = false): void {
  const { width, height } = screenSize()
  const { zoom } = view()
  setView({ x: width / 2 - point.x * zoom, y: height / 2 - point.y * zoom, zoom }, isAnimated)
}

/** How far something of this size at this place must move to be inside the screen. */
function into(at: number, size: number, room: number): number {
  const margin = 24
  if (size + 2 * margin > room) return room / 2 - (at + size / 2)
  if (at < margin) return margin - at
  if (at + size > room - margin) return room - margin - at - size
  return 0
}

function all(): Box[] {
  return [...everything()].map(([, box]) => box)
}

function duration(): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 260
}

/** Decide between near and far for the view there is now. Called before anything is rendered. */
export function decideTier(): void {
  const now = view()
  const { isFar } = canvas()
  const ease = isFar ? 1 : EASE_OFF
  let next = now.zoom < NEAR * ease
  if (!next) {
    const most = MOST_NEAR / ease
    const box = seen(now)
    let count = 0
    for (const node of sceneOf().nodes.values()) {
      if (!touches(node, box)) continue
      count += 1
      if (count > most) break
    }
    next = count > most
  }
  if (next !== isFar) setCanvas({ isFar: next })
}

const KEPT = 'reelgraph.view.'

export function remember(): void {
  const { x, y, zoom } = view()
  try {
    localStorage.setItem(
      KEPT + editor().boot.templateId,
      JSON.stringify([x, y, zoom].map(Math.fround)),
    )
  } catch {
    // A full or forbidden storage: the next visit fits the graph again.
  }
}

/** Fit the graph when the canvas is shown next. */
export function forgetView(): void {
  try {
    localStorage.removeItem(KEPT + editor().boot.templateId)
  } catch {
    // A forbidden storage has remembered none.
  }
}

/** The view of the last visit, if it still shows something. */
export function remembered(): View | null {
  try {
    const text = localStorage.getItem(KEPT + editor().boot.templateId)
    const [x, y, zoom] = JSON.parse(text ?? '[]') as number[]
    if (x === undefined || y === undefined || zoom === undefined) return null
    if (![x, y, zoom].every(Number.isFinite) || zoom < MIN_ZOOM || zoom > MAX_ZOOM) return null
    const box = seen({ x, y, zoom })
    return all().some((other) => touches(box, other)) ? { x, y, zoom } : null
  } catch {
    return null
  }
}
