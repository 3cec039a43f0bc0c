/** The part of a plane that is seen. What moves it in the page is `zooming.ts`, which comes with it. */

import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { Box, Point } from '../graph/geometry'

export const MIN_ZOOM = 0.03
export const MAX_ZOOM = 2

/** A point of the plane is at `point * zoom + (x, y)`, in px from the corner of what shows it. */
export interface View {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

export interface CameraState {
  readonly view: View
  /** The size of the element that shows the plane, in px; 0 before it is in the page. */
  readonly width: number
  readonly height: number
  /** The element for what lies over the nodes, see `Surface`. */
  readonly layer: HTMLElement | null
  readonly isDragged: boolean
}

/** The code that moves the view in the page. isAnimated: as a move that is shown. */
export interface Mover {
  move(next: View, isAnimated: boolean): void
  /** Return the window's point at which the element that shows the plane begins. */
  corner(): Point
}

export class Camera {
  readonly store = createStore<CameraState>(() => ({
    view: { x: 0, y: 0, zoom: 1 },
    width: 0,
    height: 0,
    layer: null,
    isDragged: false,
  }))
  /** None before there is a page to move it in. */
  mover: Mover | null = null

  get view(): View {
    return this.store.getState().view
  }

  get size(): { width: number; height: number } {
    const { width, height } = this.store.getState()
    return { width, height }
  }

  get corner(): Point {
    return this.mover?.corner() ?? { x: 0, y: 0 }
  }

  set(next: View, isAnimated = false): void {
    this.mover?.move({ ...next, zoom: clampZoom(next.zoom) }, isAnimated)
  }

  /** Zoom around the middle of what is seen. */
  zoomTo(wanted: number, isAnimated = true): void {
    const { x, y, zoom: now } = this.view
    const { width, height } = this.size
    const next = clampZoom(wanted)
    const scale = next / now
    const around = (middle: number, at: number) => middle - (middle - at) * scale
    this.set({ x: around(width / 2, x), y: around(height / 2, y), zoom: next }, isAnimated)
  }

  panBy(x: number, y: number): void {
    const now = this.view
    this.set({ x: now.x + x, y: now.y + y, zoom: now.zoom })
  }

  /** Show all of a box, with so much room around it in px. most: zoom is at most this. */
  fit(box: Box, margin: number, most: number, isAnimated = false): void {
    const { width, height } = this.size
    if (width > 0) this.set(viewOn(box, { x: 0, y: 0, width, height }, margin, most), isAnimated)
  }

  center({ x, y }: Point, wanted = this.view.zoom, isAnimated = false): void {
    const { width, height } = this.size
    this.set({ x: width / 2 - x * wanted, y: height / 2 - y * wanted, zoom: wanted }, isAnimated)
  }

  /** Window coordinates, as events have them, on the plane. */
  toPlane(point: Point): Point {
    const { x, y, zoom: now } = this.view
    const { corner } = this
    return { x: (point.x - corner.x - x) / now, y: (point.y - corner.y - y) / now }
  }

  /** A point of the plane in window coordinates. */
  toWindow(point: Point): Point {
    const { x, y, zoom: now } = this.view
    const { corner } = this
    return { x: point.x * now + x + corner.x, y: point.y * now + y + corner.y }
  }

  /** Return the part of the plane that a view shows, in its coordinates. */
  seen({ x, y, zoom: now }: View = this.view): Box {
    const { width, height } = this.size
    return { x: -x / now, y: -y / now, width: width / now, height: height / now }
  }
}

/**
 * Return the view that shows all of a box in a part of the screen, with so much room around it in
 * px. most: zoom is at most this.
 */
export function viewOn(box: Box, part: Box, margin: number, most: number): View {
  const wide = Math.max(part.width - 2 * margin, 80) / box.width
  const high = Math.max(part.height - 2 * margin, 80) / box.height
  const zoom = clampZoom(Math.min(wide, high, most))
  return {
    x: part.x + part.width / 2 - (box.x + box.width / 2) * zoom,
    y: part.y + part.height / 2 - (box.y + box.height / 2) * zoom,
    zoom,
  }
}

function clampZoom(wanted: number): number {
  return Math.min(Math.max(wanted, MIN_ZOOM), MAX_ZOOM)
}

/** A part of what is seen, for components. */
export function useCamera<Part>(camera: Camera, part: (state: CameraState) => Part): Part {
  return useStore(camera.store, part)
}
