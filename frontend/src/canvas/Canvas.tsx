import {
  type Node,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
} from '@xyflow/react'
import { useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { Connecting } from '../connect/Connecting'
import { useEditor } from '../editor/store'
import { useRun } from '../run/store'
import { ContextMenu } from './ContextMenu'
import { EmptyCanvas } from './EmptyCanvas'
import { FrameNode } from './FrameNode'
import { useFirstLook } from './first_look'
import { flowNodes } from './flow_nodes'
import { GraphCanvas } from './GraphCanvas'
import {
  onDoubleClick,
  onDownCapture,
  onPointerDown,
  onPointerLeave,
  onPointerMove,
} from './gestures'
import { InputsNode } from './InputsNode'
import { onCanvasKey } from './keys'
import { NoteNode } from './NoteNode'
import { Overlays } from './Overlays'
import { StageNode } from './StageNode'
import { sceneOf } from './scene'
import { setCanvas, useCanvas } from './state'
import { ViewTools } from './ViewTools'
import {
  attachFlow,
  decideTier,
  fitView,
  MAX_ZOOM,
  MIN_ZOOM,
  remember,
  remembered,
  setView,
} from './view'

const NODE_TYPES: NodeTypes = {
  stage: StageNode,
  inputs: InputsNode,
  frame: FrameNode,
  note: NoteNode,
}
const NO_NODES: Node[] = []
const PAN = [0, 1]

/** The graph. React Flow holds what is near and pans and zooms; one canvas draws all the rest. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Board />
    </ReactFlowProvider>
  )
}

function Board() {
  const flow = useReactFlow()
  const api = useStoreApi()
  const isMeasured = useStore((state) => state.width > 0 && state.panZoom !== null)
  const scene = useEditor(sceneOf)
  // A stage that waits for someone is taller.
  useRun(() => sceneOf())
  const isFar = useCanvas((canvas) => canvas.isFar)
  const isReady = useCanvas((canvas) => canvas.isReady)
  const isPanning = useCanvas((canvas) => canvas.isPanning)
  const isKeyed = useCanvas((canvas) => canvas.isKeyed)
  const moving = useCanvas((canvas) => canvas.moving)
  const isEmpty = useEditor((state) => state.doc.stages.order.length === 0)

  const [isFitted, setFitted] = useState(false)
  useFirstLook(isFitted)

  useLayoutEffect(() => {
    attachFlow(flow, api)
    return () => attachFlow(null, null)
  }, [flow, api])
  useLayoutEffect(() => {
    if (!isMeasured) return
    const before = remembered()
    if (before) setView(before)
    else fitView(undefined, false)
    setFitted(!before)
    decideTier()
    setCanvas({ isReady: true })
    return () => setCanvas({ isReady: false, hoveredNode: null, hoveredWire: null, moving: null })
  }, [isMeasured])
  useEffect(() => {
    if (isReady && scene) decideTier()
  }, [isReady, scene])

  const nodes = useMemo(
    () => (isReady ? flowNodes(scene, moving, isFar) : NO_NODES),
    [scene, moving, isFar, isReady],
  )
  return (
    <main
      className={`can${isFar ? ' is-far' : ''}${isPanning ? ' is-panning' : ''}${isKeyed ? ' is-keyed' : ''}`}
      id="main"
      aria-label="Canvas"
      aria-busy={!isReady}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys act on what the canvas shows.
      tabIndex={0}
      onPointerDownCapture={onPointerDown}
      onMouseDownCapture={onDownCapture}
      onTouchStartCapture={onDownCapture}
      onPointerMove={onPointerMove}
      onPointerLeave={onPointerLeave}
      onDoubleClick={onDoubleClick}
      onKeyDown={onCanvasKey}
      onKeyUp={(event) => event.key === ' ' && setCanvas({ isPanning: false })}
      onFocus={(event) => {
        const isHere = event.target === event.currentTarget
        setCanvas({ isKeyed: isHere && event.target.matches(':focus-visible') })
      }}
      onBlur={() => setCanvas({ isPanning: false, isKeyed: false })}
    >
      <h2 className="sr">Canvas</h2>
      <ReactFlow
        nodes={nodes}
        nodeTypes={NODE_TYPES}
        onlyRenderVisibleElements
        minZoom={MIN_ZOOM}
        maxZoom={MAX_ZOOM}
        panOnDrag={PAN}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        elevateNodesOnSelect={false}
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        zoomActivationKeyCode={null}
        attributionPosition="bottom-left"
        onMoveEnd={remember}
      >
        <GraphCanvas />
        <Overlays />
      </ReactFlow>
      {isEmpty && <EmptyCanvas />}
      <ViewTools />
      <Connecting />
      <ContextMenu />
    </main>
  )
}
