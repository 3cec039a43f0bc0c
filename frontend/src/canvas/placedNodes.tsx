/** The nodes near enough to be in the page; one that has not changed stays the same object. */

import type { ReactElement } from 'react'
import type { Box } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import type { PlacedNode } from '../viewport/Surface'
import { FrameNode } from './FrameNode'
import { InputsNode } from './InputsNode'
import { NoteNode } from './NoteNode'
import { StageNode } from './StageNode'
import { type Moving, nodesIn, type Scene, sheetsIn } from './scene'

type Kind = 'stage' | 'inputs' | 'frame' | 'note'

const cache = new Map<string, PlacedNode & { kind: Kind }>()
// Frames are below the stages in them, notes on top.
const LAYER: Readonly<Partial<Record<Kind, number>>> = { frame: -1, note: 1 }

/**
 * Return a search for the nodes in a box, as they are placed now. Far away there are none: the
 * canvas draws them.
 */
export function placedNodesIn(
  scene: Scene,
  moving: Moving | null,
): (box: Box) => readonly PlacedNode[] {
  if (cache.size > scene.nodes.size + scene.sheets.size + 500) cache.clear()
  return (box) => [
    ...sheetsIn(box, scene, moving).map(([{ id, type }, shown]) => placedNode(id, type, shown)),
    ...nodesIn(box, scene, moving).map(([id, shown]) =>
      placedNode(id, id === INPUTS ? 'inputs' : 'stage', shown),
    ),
  ]
}

function placedNode(id: string, kind: Kind, box: Box): PlacedNode {
  const cachedNode = cache.get(id)
  if (cachedNode?.kind === kind && isSame(cachedNode.box, box)) return cachedNode
  const node = {
    id,
    kind,
    box,
    content: contentOf(id, kind),
    layer: LAYER[kind] ?? 0,
    isHollow: kind === 'frame',
  }
  cache.set(id, node)
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
