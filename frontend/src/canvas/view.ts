/** The part of the canvas that is seen: moved, fitted, remembered. */

import { editor } from '../editor/store'
import { type Box, bounds, type Size, touches } from '../graph/geometry'
import {
  Camera,
  type CameraState,
  MAX_ZOOM,
  MIN_ZOOM,
  useCamera,
  type View,
} from '../viewport/camera'
import { fittedView } from '../viewport/fitting'
import { boxOf, everything, isSheet, sceneOf } from './scene'
import { canvas, setCanvas } from './state'

/** Below this, or with more nodes in view than that, the canvas draws them. */
const NEAR = 0.5
const MOST_NEAR = 60
/** It takes this much less to come back, so that nothing flickers at the brink. */
const EASE_OFF = 0.92
const MARGIN = 48
/** In less room the minimap would cover stages: it is folded to a button. */
const ROOMY: Size = { width: 600, height: 360 }

/** The canvas has one; a comparison beside it has its own. */
export const camera = new Camera()

/** A part of what is seen, for components. */
export function useView<Part>(part: (state: CameraState) => Part): Part {
  return useCamera(camera, part)
}

export function isSmall({ width, height }: Size): boolean {
  return width < ROOMY.width || height < ROOMY.height
}

export function zoomBy(factor: number): void {
  camera.zoomTo(camera.view.zoom * factor)
}

/** The view that shows everything, as long as nothing has moved it. */
let wholeView: View | null = null

/** Show all of these, or everything, beside the minimap. most: zoom is at most this. */
export function fitView(ids?: Iterable<string>, isAnimated = true, most = 1): void {
  const nodes = ids ? [...ids] : [...everything()].map(([id]) => id)
  const boxes = nodes.flatMap((id) => boxOf(id) ?? [])
  // A frame may reach behind it, as long as its stages don't.
  const free = nodes.flatMap((id) => (isSheet(id) ? [] : (boxOf(id) ?? [])))
  const view = fittedView(boxes, free, { ...camera.size, corner: canvas().corner }, MARGIN, most)
  if (!view) return
  if (!ids) wholeView = view
  camera.set(view, isAnimated)
}

/** Return true while the view is the one that shows everything. */
export function showsWhole(): boolean {
  const { x, y, zoom } = camera.view
  return wholeView?.x === x && wholeView.y === y && wholeView.zoom === zoom
}

/** Bring nodes into view, if they are not, without changing the zoom. */
export function reveal(ids: string | Iterable<string>, isAnimated = true): void {
  const all = typeof ids === 'string' ? [ids] : [...ids]
  const box = bounds(all.map(boxOf).filter((box) => box !== null))
  if (box) revealBox(box, isAnimated)
}

/** Bring a part of the plane into view, without changing the zoom. */
export function revealBox(box: Box, isAnimated = true): void {
  const now = camera.view
  const { width, height } = camera.size
  const screenX = box.x * now.zoom + now.x
  const top = box.y * now.zoom + now.y
  const x = into(screenX, box.width * now.zoom, width)
  const y = into(top, box.height * now.zoom, height)
  if (x !== 0 || y !== 0) camera.set({ x: now.x + x, y: now.y + y, zoom: now.zoom }, isAnimated)
}

/** Return the distance by which something of this size must move to be inside the screen. */
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

/** Decide between near and far for the view there is now. Called before anything is rendered. */
export function decideTier(): void {
  const now = camera.view
  const { isFar } = canvas()
  const ease = isFar ? 1 : EASE_OFF
  let next = now.zoom < NEAR * ease
  if (!next) {
    const most = MOST_NEAR / ease
    const box = camera.seen(now)
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
  // The inside of a stage is fitted whenever it is opened.
  if (editor().inside) return
  const { x, y, zoom } = camera.view
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
export function storedView(): View | null {
  if (editor().inside) return null
  try {
    const text = localStorage.getItem(KEPT + editor().boot.templateId)
    const [x, y, zoom] = JSON.parse(text ?? '[]') as number[]
    if (x === undefined || y === undefined || zoom === undefined) return null
    if (![x, y, zoom].every(Number.isFinite) || zoom < MIN_ZOOM || zoom > MAX_ZOOM) return null
    const box = camera.seen({ x, y, zoom })
    return all().some((other) => touches(box, other)) ? { x, y, zoom } : null
  } catch {
    return null
  }
}
