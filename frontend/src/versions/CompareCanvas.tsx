import {
  Background,
  BackgroundVariant,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
  ViewportPortal,
} from '@xyflow/react'
import { useEffect, useMemo, useRef } from 'react'
import { type Sheet, sheetOf } from '../canvas/scene'
import { MAX_ZOOM, MIN_ZOOM } from '../canvas/view'
import { type Box, bounds } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import { NODE_TYPES, type NodeData, type SheetData } from './ComparedNodes'
import { ComparedWires } from './ComparedWires'
import { type Comparison, lookAt, unionNow } from './comparison'
import type { Entry, Kind } from './entries'
import { comparing } from './store'
import type { Union } from './union'

/** Below this, or with more nodes than that below half size, nodes are plain cards. */
const FAR = 0.32
const MANY = 120
const NEAR_ENOUGH = 0.55

interface Props {
  comparison: Comparison
  current: Entry | null
}

/** Both sides as one graph, to look at. It is drawn of the same parts as the canvas. */
export function CompareCanvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Board {...props} />
    </ReactFlowProvider>
  )
}

function Board({ comparison, current }: Props) {
  const flow = useReactFlow()
  const store = useStoreApi()
  const union = unionNow(comparison)
  const isFar = useStore(({ transform: [, , zoom] }) => {
    return zoom < FAR || (zoom < 0.5 && union.nodes.size > MANY)
  })
  const isMeasured = useStore((state) => state.width > 0 && state.panZoom !== null)
  const nodes = useMemo(
    () => flowNodes(comparison, union, current, isFar),
    [comparison, union, current, isFar],
  )
  const shown = current?.node ?? null
  const isFitted = useRef(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when there is room.
  useEffect(() => {
    if (!isMeasured) return
    const around = bounds(nodes.map(boxOf))
    if (around) void flow.fitBounds(around, { padding: 0.12 })
    if (flow.getZoom() > 1) void flow.zoomTo(1)
    isFitted.current = true
  }, [isMeasured])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another entry moves the view.
  useEffect(() => {
    const node = nodes.find((known) => known.id === shown)
    // It opens with everything in view; who steps on is led there.
    if (!node || !isFitted.current || comparing().at === null) return
    const { width, height, transform } = store.getState()
    const [x, y, zoom] = transform
    const box = boxOf(node)
    const left = box.x * zoom + x
    const top = box.y * zoom + y
    const isSeen =
      left >= 0 && top >= 0 && left + box.width * zoom <= width && top + box.height * zoom <= height
    const isReadable = zoom >= FAR
    if (isSeen && isReadable) return
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, {
      zoom: isReadable ? zoom : NEAR_ENOUGH,
      duration: still ? 0 : 260,
    })
  }, [shown, isMeasured])
  return (
    <ReactFlow
      nodes={nodes}
      nodeTypes={NODE_TYPES}
      onlyRenderVisibleElements
      minZoom={MIN_ZOOM}
      maxZoom={MAX_ZOOM}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      elementsSelectable={false}
      zoomOnDoubleClick={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      panActivationKeyCode={null}
      zoomActivationKeyCode={null}
      attributionPosition="bottom-left"
      onNodeClick={(_event, node) => choose(comparison, node.id)}
      onKeyDown={(event) => {
        const id = (event.target as Element)
          .closest?.('[data-node-id]')
          ?.getAttribute('data-node-id')
        if (!id || (event.key !== 'Enter' && event.key !== ' ')) return
        event.preventDefault()
        choose(comparison, id)
      }}
    >
      <Background variant={BackgroundVariant.Dots} gap={24} size={1.6} />
      <ViewportPortal>
        <ComparedWires union={union} current={shown} />
      </ViewportPortal>
    </ReactFlow>
  )
}

function choose({ entries }: Comparison, id: string): void {
  const entry = entries.find((known) => known.node === id)
  if (entry) lookAt(entry.id)
}

const boxOf = (node: Node): Box => ({
  ...node.position,
  width: node.width ?? 0,
  height: node.height ?? 0,
})

function flowNodes(
  { entries }: Comparison,
  { doc, nodes }: Union,
  current: Entry | null,
  isFar: boolean,
): Node[] {
  const found: Node<NodeData | SheetData>[] = []
  const shape = { handles: [], domAttributes: { 'aria-roledescription': undefined } }
  for (const [is, table] of [
    ['frame', 'frames'],
    ['note', 'notes'],
  ] as const)
    for (const key of doc[table].order) {
      const sheet: Sheet | null = sheetOf(doc, is, key)
      if (!sheet) continue
      const { x, y, width, height } = sheet.box
      const kind = kindOf(entries, sheet.id)
      found.push({
        ...shape,
        id: sheet.id,
        type: 'sheet',
        position: { x, y },
        width,
        height,
        data: { sheet, kind, isSelected: current?.node === sheet.id },
        zIndex: is === 'frame' ? -2 : 0,
      })
    }
  for (const [id, { node, kind, box }] of nodes) {
    const data: NodeData = {
      node,
      kind,
      isSelected: current?.node === id,
      words: wordsFor(entries, id, kind) || node.meta,
      doc,
    }
    const { x, y, width, height } = box
    const type = isFar ? 'card' : id === INPUTS ? 'inputs' : 'stage'
    found.push({ ...shape, id, type, position: { x, y }, width, height, data })
  }
  return found
}

function kindOf(entries: readonly Entry[], id: string): Kind | null {
  const own = entries.filter((entry) => entry.node === id)
  return (own.find((entry) => entry.kind !== 'moved') ?? own[0])?.kind ?? null
}

function wordsFor(entries: readonly Entry[], id: string, kind: Kind | null): string {
  if (kind !== 'changed') return ''
  const own = entries.filter((entry) => entry.node === id && entry.kind !== 'moved')
  const count =
    id === INPUTS ? own.length : own.reduce((sum, entry) => sum + entry.fields.length, 0)
  if (id === INPUTS) return count === 1 ? '1 input differs' : `${count} inputs differ`
  return count === 1 ? '1 field changed' : `${count} fields changed`
}
