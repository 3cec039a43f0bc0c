import { memo, type ReactElement, type ReactNode, useLayoutEffect, useMemo, useRef } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { Box } from '../graph/geometry'
import { type Camera, type CameraState, useCamera } from './camera'
import { attach } from './zooming'

/** Something on a surface. One that has not changed must stay the same object. */
export interface PlacedNode {
  readonly id: string
  readonly box: Box
  readonly content: ReactElement
  /** Below 0: under the others. */
  readonly layer: number
  /** Only what is inside takes the pointer. */
  readonly isHollow: boolean
}

interface Props {
  camera: Camera
  /** The nodes that touch a box, always in one order. Another function when they changed. */
  nodesIn: (box: Box) => readonly PlacedNode[]
  /** After each move of the view. */
  onMoved?: () => void
  /** Return true if an event may move the view; without it, it always may. */
  mayMove?: (event: Event) => boolean
  /** Beside the plane, at the size of the surface. */
  children?: ReactNode
}

/** A plane with nodes, of which only those that are seen are in the page. */
export function Surface({ camera, nodesIn, onMoved, mayMove, children }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const plane = useRef<HTMLDivElement>(null)
  const layer = useRef<HTMLDivElement>(null)
  const latest = useRef({ onMoved, mayMove })
  latest.current = { onMoved, mayMove }
  useLayoutEffect(() => {
    if (!frame.current || !layer.current) return
    const show = ({ view: { x, y, zoom } }: CameraState) => {
      if (plane.current) plane.current.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`
    }
    const leave = camera.store.subscribe((now, before) => {
      if (now.view !== before.view) show(now)
    })
    show(camera.store.getState())
    camera.store.setState({ layer: layer.current })
    const letGo = attach(
      camera,
      frame.current,
      () => latest.current.onMoved?.(),
      (event) => latest.current.mayMove?.(event) ?? true,
    )
    return () => {
      letGo()
      leave()
      camera.store.setState({ layer: null })
    }
  }, [camera])
  const isDragged = useCamera(camera, (state) => state.isDragged)
  return (
    <div
      className="surface"
      // A browser that scrolls to what has the focus would part the plane from what is drawn.
      onScroll={(event) => event.currentTarget.scrollTo({ top: 0, left: 0, behavior: 'instant' })}
    >
      <div className="surface-view" ref={frame}>
        <div className={isDragged ? 'surface-ground is-dragged' : 'surface-ground'} />
        <div className="surface-plane" ref={plane}>
          <Nodes camera={camera} nodesIn={nodesIn} />
          <div className="surface-layer" ref={layer} />
        </div>
      </div>
      {children}
    </div>
  )
}

/** Drawn again only when another node comes into sight, or one leaves. */
function Nodes({ camera, nodesIn }: Pick<Props, 'camera' | 'nodesIn'>) {
  const nodes = useStore(
    camera.store,
    useShallow(() => nodesIn(camera.seen())),
  )
  return (
    <div className="surface-nodes">
      {nodes.map((node) => (
        <Holder key={node.id} node={node} />
      ))}
    </div>
  )
}

const Holder = memo(function Holder({ node }: { node: PlacedNode }) {
  const { id, box, content, layer, isHollow } = node
  const { x, y, width, height } = box
  const style = useMemo(
    () => ({
      transform: `translate(${x}px, ${y}px)`,
      width,
      height,
      zIndex: layer,
      pointerEvents: isHollow ? ('none' as const) : ('all' as const),
    }),
    [x, y, width, height, layer, isHollow],
  )
  return (
    <div className="surface-node" data-id={id} style={style}>
      {content}
    </div>
  )
})
