/** The nodes as React Flow wants them; one that has not changed stays the same object. */

import type { Node } from '@xyflow/react'
import type { Box, Point } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import { type Scene, shifted } from './scene'

const kept = new Map<string, Node>()
const NONE: Node[] = []
const NO_DATA = {}
const NO_HANDLES: Node['handles'] = []
const SOLID = { pointerEvents: 'all' } as const
const HOLLOW = { pointerEvents: 'none' } as const
// Frames are below the stages in them, notes on top.
const LAYER: Readonly<Record<string, number>> = { frame: -1, note: 1 }
// The element inside says what it is; this one only holds it.
const QUIET = { 'aria-roledescription': undefined }

/** Far away there are none: the canvas draws them. */
export function flowNodes(
  scene: Scene,
  moving: ReadonlyMap<string, Point> | null,
  isFar: boolean,
): Node[] {
  if (isFar) return NONE
  const nodes: Node[] = []
  for (const [id, sheet] of scene.sheets)
    nodes.push(nodeOf(id, sheet.is, shifted(sheet.box, moving?.get(id))))
  for (const [id, box] of scene.nodes)
    nodes.push(nodeOf(id, id === INPUTS ? 'inputs' : 'stage', shifted(box, moving?.get(id))))
  if (kept.size > nodes.length + 500) kept.clear()
  return nodes
}

function nodeOf(id: string, type: string, box: Box): Node {
  const known = kept.get(id)
  if (
    known?.type === type &&
    known.position.x === box.x &&
    known.position.y === box.y &&
    known.width === box.width &&
    known.height === box.height
  )
    return known
  const node: Node = {
    id,
    type,
    position: { x: box.x, y: box.y },
    width: box.width,
    height: box.height,
    // Nothing is measured: size is known, and ports are ours.
    handles: NO_HANDLES,
    data: NO_DATA,
    style: type === 'frame' ? HOLLOW : SOLID,
    zIndex: LAYER[type] ?? 0,
    domAttributes: QUIET,
  }
  kept.set(id, node)
  return node
}
