import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useMemo } from 'react'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { later } from '../parts/later'
import { useRun } from '../run/store'
import { Surface } from '../viewport/Surface'
import { listenForDrops } from './connect/drops'
import { EmptyCanvas } from './EmptyCanvas'
import { GraphCanvas } from './GraphCanvas'
import { onCanvasKey } from './keys'
import { listenForMenus } from './menu'
import { Overlays } from './Overlays'
import { placedNodesIn } from './placedNodes'
import { sceneOf } from './scene'
import { setCanvas, useCanvas } from './state'
import { useTools } from './tools/useTools'
import { useFittedView } from './useFittedView'
import { ViewTools } from './ViewTools'
import { camera, decideTier, fitView, remember, storedView, useView } from './view'

const NO_NODES: never[] = []

// The graph is seen before these are needed. What is done before they come shows with them.
const Connecting = later(
  () => import('./connect/Connecting'),
  (found) => found.Connecting,
  { frame: () => null },
)
const ContextMenu = later(
  () => import('./ContextMenu'),
  (found) => found.ContextMenu,
  { frame: () => null },
)

function useMenusAndDrops(frame: RefObject<HTMLElement | null>): void {
  const canEdit = useEditor((state) => state.canEdit)
  useEffect(() => (frame.current ? listenForMenus(frame.current) : undefined), [frame])
  useEffect(
    () => (canEdit && frame.current ? listenForDrops(frame.current) : undefined),
    [canEdit, frame],
  )
}

/**
 * The graph. The surface holds what is near; one canvas draws all the rest. composer: the box for a
 * brief, which is there while there are no stages.
 */
export function Canvas({ composer }: { composer: ReactNode }) {
  const isMeasured = useView((state) => state.width > 0)
  const scene = useEditor(sceneOf)
  // A stage that waits for someone is taller.
  useRun(() => sceneOf())
  const isFar = useCanvas((canvas) => canvas.isFar)
  const isReady = useCanvas((canvas) => canvas.isReady)
  const isPanning = useCanvas((canvas) => canvas.isPanning)
  const isKeyed = useCanvas((canvas) => canvas.isKeyed)
  const moving = useCanvas((canvas) => canvas.moving)
  const isEmpty = useEditor((state) => state.doc.stages.order.length === 0)

  const { frame, mayMoveView } = useTools()
  useMenusAndDrops(frame)

  useFittedView()

  useLayoutEffect(() => {
    if (!isMeasured) return
    const before = storedView()
    if (before) camera.set(before)
    else fitView(undefined, false)
    decideTier()
    setCanvas({ isReady: true })
    return () => setCanvas({ isReady: false, hoveredNode: null, hoveredWire: null, moving: null })
  }, [isMeasured])
  useEffect(() => {
    if (isReady && scene) decideTier()
  }, [isReady, scene])

  const nodesIn = useMemo(
    () => (isReady && !isFar ? placedNodesIn(scene, moving) : () => NO_NODES),
    [scene, moving, isFar, isReady],
  )
  return (
    <main
      ref={frame}
      className={`work-area${isFar ? ' is-far' : ''}${isPanning ? ' is-panning' : ''}${isKeyed ? ' is-keyed' : ''}`}
      id="main"
      aria-label="Canvas"
      aria-busy={!isReady}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys act on what the canvas shows.
      tabIndex={0}
      onKeyDown={onCanvasKey}
      onKeyUp={(event) => pressedKey(event) === ' ' && setCanvas({ isPanning: false })}
      onFocus={(event) => {
        const isHere = event.target === event.currentTarget
        setCanvas({ isKeyed: isHere && event.target.matches(':focus-visible') })
      }}
      onBlur={() => setCanvas({ isPanning: false, isKeyed: false })}
    >
      <h2 className="visually-hidden">Canvas</h2>
      <Surface camera={camera} nodesIn={nodesIn} onMoved={remember} mayMove={mayMoveView}>
        <GraphCanvas />
        {isReady && <Overlays />}
      </Surface>
      {isEmpty && <EmptyCanvas composer={composer} />}
      {isReady && (
        <>
          <ViewTools />
          <Connecting />
          <ContextMenu />
        </>
      )}
    </main>
  )
}
