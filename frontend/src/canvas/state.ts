/** The state of the canvas alone: what is near, what moves, what lies under the pointer. */

import { create } from 'zustand'
import type { Box, Point, Size } from '../graph/geometry'

/** A line that shows what a moved node lines up with. at: canvas coordinate. */
export interface Guide {
  readonly axis: 'x' | 'y'
  readonly at: number
  readonly from: number
  readonly to: number
}

export interface CanvasState {
  /** Far away the canvas draws the nodes; nothing of them is in the page. */
  isFar: boolean
  /** True once the viewport has been set: before, nothing is drawn. */
  isReady: boolean
  /** The places of nodes while they are moved; the document still says where they were. */
  moving: ReadonlyMap<string, Point> | null
  guides: readonly Guide[]
  /** The box that is drawn to select, in canvas coordinates. */
  box: Box | null
  hoveredNode: string | null
  hoveredWire: string | null
  /** The implied wire whose popover is open. */
  implied: { wire: string; at: Point } | null
  /** Space is held: a drag pans, wherever it begins. */
  isPanning: boolean
  /** The note or frame that is about to be written in: it opens as soon as it is shown. */
  writing: string | null
  hasMinimap: boolean
  /** The minimap is shown also where it would cover stages, see `isSmall`. */
  isUnfolded: boolean
  /** The size of minimap and toolbar, to the lower right edges, in px. */
  corner: Size
  /** The menu that is open, of what, and where in the window. */
  menu: { readonly of: 'nodes' | 'wire' | 'ground'; readonly screen: Point } | null
  /** The keyboard came to the canvas itself: its ring is shown, and far away that of a node. */
  isKeyed: boolean
}

export const useCanvas = create<CanvasState>(() => ({
  isFar: true,
  isReady: false,
  moving: null,
  guides: [],
  box: null,
  hoveredNode: null,
  hoveredWire: null,
  implied: null,
  isPanning: false,
  isKeyed: false,
  writing: null,
  hasMinimap: window.innerWidth >= 760,
  isUnfolded: false,
  corner: { width: 0, height: 0 },
  menu: null,
}))

/** The state now, for event handlers. */
export const canvas = useCanvas.getState
export const setCanvas = useCanvas.setState
