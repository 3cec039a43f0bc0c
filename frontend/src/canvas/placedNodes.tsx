/** The nodes near enough to be in the page; one that has not changed stays the same object. */

import type { ReactElement } from 'react'
import type { Box, Point } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import type { PlacedNode } from '../viewport/Surface'
import { FrameNode } from './FrameNode'
import { InputsNode } from './InputsNode'
import { NoteNode } from './NoteNode'
import { StageNode } from './StageNode'
import { type Scene, shifted } from './scene'

type Kind = 'stage' | 'inputs' | 'frame' | 'note'

const kept = new Map<string, PlacedNode & { kind: Kind }>()
const NONE: PlacedNode[] = []
// Frames are below the stages in them, notes on top.
const LAYER: Readonly<Partial<Record<Kind, number>>> = { frame: -1, note: 1 }

/** Far away there are none: the canvas draws them. */
export function placedNodes(
  scene: Scene,
  moving: ReadonlyMap<string, Point> | null,
  isFar: boolean,
): PlacedNode[] {
  if (isFar) return NONE
  const nodes: PlacedNode[] = []
  for (const [id, sheet] of scene.sheets)
    nodes.push(placed(id, sheet.type, shifted(sheet.box, moving?.get(id))))
  for (const [id, box] of scene.nodes)
    nodes.push(placed(id, id === INPUTS ? 'inputs' : 'stage', shifted(box, moving?.get(id))))
  if (kept.size > nodes.length + 500) kept.clear()
  return nodes
}

function placed(id: string, kind: Kind, box: Box): PlacedNode {
  const known = kept.get(id)
  if (known?.kind === kind && isSame(known.box, box)) return known
  const node = {
    id,
    kind,
    box,
    content: contentOf(id, kind),
    layer: LAYER[kind] ?? 0,
    isHollow: kind === 'frame',
  }
  kept.set(id, node)
  return node
}

function contentOf(id: string, kind: Kind): ReactElement {
  switch (kind) {
    case 'stage':
      return <StageNode id={id} />
    case 'inputs':
      return <InputsNode id={id} />
    case 'frame':
      return <FrameNode id={id} />
    case 'note':
      return <NoteNode id={id} />
  }
}

function isSame(one: Box, other: Box): boolean {
  return (
    one.x === other.x &&
    one.y === other.y &&
    one.width === other.width &&
    one.height === other.height
  )
}
