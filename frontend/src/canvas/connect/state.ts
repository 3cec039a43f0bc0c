/** The state of edges being drawn and of drags over the canvas. Only the canvas shows it. */

import { create } from 'zustand'
import type { Option } from '../../graph/connect'
import type { Edit } from '../../graph/edit'
import type { Point } from '../../graph/geometry'
import type { Aim, Drag } from './drag'

/** An edge that was refused: it stays drawn until it is answered. */
export interface Refusal {
  readonly drag: Drag
  /** Null while the pointer is still down: then there is nothing to press. */
  readonly fits: readonly Edit[] | null
  readonly node: string
  readonly socket: string
  readonly reason: string
}

/** An edge that was dropped on a node's body: which of its fields is meant? */
export interface Which {
  readonly drag: Drag
  readonly node: string
  readonly at: Point
  readonly options: readonly Option[]
  readonly onChoose: (option: Option) => void
}

export interface ConnectState {
  drag: Drag | null
  aim: Aim
  /** The loose end, in canvas coordinates: the pointer, or the port it jumped onto. */
  loose: Point
  refusal: Refusal | null
  which: Which | null
  /** Something is dragged over the canvas from outside: the wire or node it would go to. */
  over: { wire: string | null; node: string | null } | null
}

export const useConnect = create<ConnectState>(() => ({
  drag: null,
  aim: null,
  loose: { x: 0, y: 0 },
  refusal: null,
  which: null,
  over: null,
}))

/** The state now, for event handlers. */
export const connecting = useConnect.getState
export const setConnect = useConnect.setState

/** Let go of whatever is open. True when there was something. */
export function letGo(): boolean {
  const { drag, refusal, which } = connecting()
  if (!drag && !refusal && !which) return false
  setConnect({ drag: null, aim: null, refusal: null, which: null })
  return true
}
