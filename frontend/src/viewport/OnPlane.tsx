import type { ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { type Camera, useCamera } from './camera'

/** Content on the plane over the nodes, in its coordinates. */
export function OnPlane({ camera, children }: { camera: Camera; children: ReactNode }) {
  const layer = useCamera(camera, (state) => state.layer)
  return layer && createPortal(children, layer)
}
