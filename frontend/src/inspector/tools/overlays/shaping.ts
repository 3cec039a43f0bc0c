/** The pointer and the arrow keys on an overlay: its place and size. */

import type { KeyboardEvent, PointerEvent } from 'react'
import { pressedKey } from '../../../frame/press'
import { drag } from '../film/drag'
import { pull } from '../film/snapping'
import { clamp } from '../film/time'
import { FONT, type Overlay, placingFields, WIDTH } from './overlays'
import {
  type Box,
  type Corner,
  edgesOf,
  type Frame,
  growBox,
  growth,
  guidesOf,
  moveBox,
  type Placing,
  placingOf,
} from './placing'
import type { Fields, OverlayActions, Overlays } from './useOverlays'

/** An overlay's place and size after a gesture. */
interface Shape extends Placing {
  readonly sizePct: number
}

/** The lines of the frame on which an overlay rests while it is moved. */
export interface Lines {
  readonly x: number | null
  readonly y: number | null
}

/** An overlay that is moved or made larger, and what that needs. */
export interface Shaping {
  readonly overlay: Overlay
  readonly frame: Frame
  readonly from: Box
  /** Pixels of the frame per CSS pixel. */
  readonly per: number
  /** The boxes of the other overlays. */
  readonly others: readonly Box[]
  readonly isSnapping: boolean
  readonly onLines: (lines: Lines | null) => void
  /** null: it was let go where it was. */
  readonly onHold: (shape: Shape | null) => void
  readonly onWrite: (shape: Shape) => void
  readonly onNudge: (shape: Shape) => void
}

/** CSS pixels within which a box is drawn to a line. */
const REACH = 7
const STEP = 1
const STRIDE = 10

/** Return the callbacks that write a shape into the document. */
export function shapeWriting(
  overlay: Overlay,
  at: number,
  state: Overlays,
  actions: OverlayActions,
): Pick<Shaping, 'onHold' | 'onWrite' | 'onNudge'> {
  const fields = ({ sizePct, ...placing }: Shape): Fields => {
    const name = overlay.kind === 'image' ? 'widthPct' : 'fontSizePct'
    const size = overlay[name] === sizePct ? {} : { [name]: sizePct }
    return { ...placingFields(placing), ...size }
  }
  return {
    onHold: (shape) => state.hold(at, shape && fields(shape)),
    onWrite: (shape) => actions.write(at, fields(shape)),
    onNudge: (shape) => actions.write(at, fields(shape), true),
  }
}

/** A pointer pressed on it: it goes along. */
export function pullWhole(event: PointerEvent<HTMLElement>, shaping: Shaping): void {
  const { overlay, frame, from, per, others, isSnapping, onLines } = shaping
  if (overlay.isCover) return
  event.stopPropagation()
  const guides = guidesOf(frame, [...others])
  let shape: Shape | null = null
  drag(event, {
    onMove: ({ x, y, isFree }) => {
      let box = moveBox(from, { x: x * per, y: y * per }, frame)
      if (isSnapping && !isFree) {
        const toX = pull(edgesOf(box.x, box.width), guides.x, REACH * per)
        const toY = pull(edgesOf(box.y, box.height), guides.y, REACH * per)
        box = moveBox(box, { x: toX.by, y: toY.by }, frame)
        onLines({ x: toX.target, y: toY.target })
      } else onLines(null)
      shape = { ...placingOf(box, frame), sizePct: sizeOf(overlay) }
      shaping.onHold(shape)
    },
    onEnd: () => {
      onLines(null)
      letGo(shaping, shape)
    },
  })
}

/** A pointer pressed on a corner: it grows, and the opposite corner stays. */
export function pullCorner(
  event: PointerEvent<HTMLElement>,
  corner: Corner,
  shaping: Shaping,
): void {
  const { overlay, frame, from, per } = shaping
  event.stopPropagation()
  const grip = {
    x: corner.endsWith('left') ? from.x : from.x + from.width,
    y: corner.startsWith('top') ? from.y : from.y + from.height,
  }
  const size = sizeOf(overlay)
  let shape: Shape | null = null
  drag(event, {
    onMove: ({ x, y }) => {
      const times = growth(from, corner, { x: grip.x + x * per, y: grip.y + y * per })
      const sizePct = limited(overlay, Math.round(size * times * 10) / 10)
      const box = growBox(from, corner, sizePct / size)
      shape = { ...placingOf(moveBox(box, { x: 0, y: 0 }, frame), frame), sizePct }
      shaping.onHold(shape)
    },
    onEnd: () => letGo(shaping, shape),
  })
}

function letGo({ onWrite, onHold }: Shaping, shape: Shape | null): void {
  if (shape) onWrite(shape)
  else onHold(null)
}

/** The arrow keys move it, + and − resize it. */
export function nudgeByKey(event: KeyboardEvent, shaping: Shaping): void {
  const { overlay, frame, from } = shaping
  if (overlay.isCover || event.ctrlKey || event.metaKey || event.altKey) return
  const by = event.shiftKey ? STRIDE : STEP
  const key = pressedKey(event)
  const [x = 0, y = 0] =
    {
      ArrowLeft: [-by, 0],
      ArrowRight: [by, 0],
      ArrowUp: [0, -by],
      ArrowDown: [0, by],
    }[key] ?? []
  const larger = key === '+' || key === '=' ? 1 : key === '-' ? -1 : 0
  if (x === 0 && y === 0 && larger === 0) return
  event.preventDefault()
  event.stopPropagation()
  const sizePct = sizeOf(overlay)
  if (larger === 0)
    shaping.onNudge({ ...placingOf(moveBox(from, { x, y }, frame), frame), sizePct })
  else {
    const { position, offsetX, offsetY, xPct, yPct } = overlay
    const placing = { position, offsetX, offsetY, xPct, yPct }
    shaping.onNudge({ ...placing, sizePct: limited(overlay, sizePct + larger / 2) })
  }
}

function sizeOf(overlay: Overlay): number {
  return overlay.kind === 'text' ? overlay.fontSizePct : overlay.widthPct
}

function limited({ kind }: Overlay, sizePct: number): number {
  const { least, most } = kind === 'text' ? FONT : WIDTH
  return clamp(sizePct, least, most)
}
