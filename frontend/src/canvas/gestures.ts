/**
 * What the pointer does on the canvas, near and far alike: click, drag, box. The camera only
 * pans and zooms; what is claimed here never reaches it.
 */

import type { MouseEvent, PointerEvent, TouchEvent } from 'react'
import { focus, select, selectWire } from '../editor/actions'
import { editor } from '../editor/store'
import { type Box, covers, type Point, touches } from '../graph/geometry'
import { edgePan } from '../viewport/edgePan'
import { hold } from './hold'
import { Move } from './moving'
import { inspect } from './nodeActions'
import { pointAt } from './presence'
import { everything, under } from './scene'
import { canvas, setCanvas } from './state'
import { camera } from './view'
import { middleOf, wireUnder } from './wires'

const THRESHOLD = 4
const LINGER_MS = 240
const OWN_HANDLING = 'button:not(.written), input, textarea, select, a, .port, [data-own-pointer]'

let isClaimed = false

export function onPointerDown(event: PointerEvent<HTMLElement>): void {
  isClaimed = false
  if (event.button !== 0 || canvas().isPanning || !event.isPrimary) return
  const target = event.target as Element
  setCanvas({ implied: null, isKeyed: false })
  if (target.closest(OWN_HANDLING)) {
    isClaimed = true
    return
  }
  const at = camera.toPlane({ x: event.clientX, y: event.clientY })
  const hit = hitAt(target, at)
  const isAdding = event.shiftKey || event.ctrlKey || event.metaKey
  const isTouch = event.pointerType === 'touch'
  if (hit === null) {
    if (event.shiftKey) startBox(event, at)
    else onClick(event, () => clickGround(at))
    return
  }
  const wasSelected = editor().selection.has(hit)
  // A finger on what is not selected pans; a second touch moves it.
  if (isTouch && !wasSelected) {
    onClick(event, () => clickNode(hit, false))
    return
  }
  isClaimed = true
  if (!wasSelected && !isAdding) clickNode(hit, false)
  startMove(event, hit, at, () => {
    if (isAdding) select([hit], true)
    else if (wasSelected && editor().selection.size > 1) clickNode(hit, false)
  })
}

/** Keep what was claimed from panning. */
export function onDownCapture(event: MouseEvent | TouchEvent): void {
  if (isClaimed) event.stopPropagation()
}

/** The node that an element of the canvas is of, or that is painted at a point. */
export function hitAt(target: Element, at: Point): string | null {
  const own = target.closest<HTMLElement>('[data-node-id]')
  if (own) return own.dataset.nodeId ?? null
  return canvas().isFar ? under(at) : null
}

function clickNode(id: string, isAdding: boolean): void {
  select([id], isAdding)
  focus(id)
}

function clickGround(at: Point): void {
  const wire = canvas().isFar ? null : wireUnder(at)
  focus(null)
  if (!wire) {
    select([])
    return
  }
  selectWire(wire.id)
  const middle = middleOf(wire)
  if (wire.isImplied && middle) setCanvas({ implied: { wire: wire.id, at: middle } })
}

/** Run this if the pointer goes up where it went down. */
function onClick(event: PointerEvent, run: () => void): void {
  follow(event, { up: (moved) => !moved && run() })
}

interface Following {
  move?: (event: globalThis.PointerEvent) => void
  up: (hasMoved: boolean, event: globalThis.PointerEvent | null) => void
}

/** Follow a pointer until it goes up or Escape is pressed (then `up` gets no event). */
function follow(start: PointerEvent, { move, up }: Following): void {
  let hasMoved = false
  const held = hold(start.currentTarget as HTMLElement, start.nativeEvent)
  const isOurs = (event: globalThis.PointerEvent) => event.pointerId === start.pointerId
  const onMove = (event: globalThis.PointerEvent) => {
    if (!isOurs(event)) return
    const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY)
    if (!hasMoved && far < THRESHOLD) return
    if (!hasMoved) held.capture()
    hasMoved = true
    move?.(event)
  }
  const end = (event: globalThis.PointerEvent | null) => {
    window.removeEventListener('pointermove', onMove)
    window.removeEventListener('pointerup', onUp)
    window.removeEventListener('pointercancel', onCancel)
    window.removeEventListener('keydown', onKey, true)
    held.end()
    up(hasMoved, event)
  }
  const onUp = (event: globalThis.PointerEvent) => isOurs(event) && end(event)
  const onCancel = (event: globalThis.PointerEvent) => isOurs(event) && end(null)
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !hasMoved) return
    event.preventDefault()
    event.stopPropagation()
    end(null)
  }
  window.addEventListener('pointermove', onMove)
  window.addEventListener('pointerup', onUp)
  window.addEventListener('pointercancel', onCancel)
  window.addEventListener('keydown', onKey, true)
}

function startMove(start: PointerEvent, id: string, from: Point, click: () => void): void {
  let move: Move | null = null
  let last: globalThis.PointerEvent | null = null
  let frame = 0
  const ground = start.currentTarget as HTMLElement
  const show = () => {
    if (!move || !last) return
    const at = camera.toPlane({ x: last.clientX, y: last.clientY })
    move.by(at.x - from.x, at.y - from.y, last.altKey)
  }
  const drift = () => {
    frame = 0
    if (!move || !last) return
    const push = edgePan(ground, { x: last.clientX, y: last.clientY })
    if (push) {
      camera.panBy(push.x, push.y)
      show()
    }
    frame = requestAnimationFrame(drift)
  }
  follow(start, {
    move: (event) => {
      if (!editor().canEdit) return
      if (!move) {
        if (!editor().selection.has(id)) select([id], start.shiftKey)
        move = new Move(editor().selection, id)
        frame = requestAnimationFrame(drift)
        document.documentElement.classList.add('is-grabbing')
      }
      last = event
      show()
    },
    up: (hasMoved, event) => {
      cancelAnimationFrame(frame)
      document.documentElement.classList.remove('is-grabbing')
      if (!hasMoved) click()
      else if (event) move?.drop()
      else move?.cancel()
    },
  })
}

function startBox(start: PointerEvent, from: Point): void {
  isClaimed = true
  const before = editor().selection
  follow(start, {
    move: (event) => {
      const to = camera.toPlane({ x: event.clientX, y: event.clientY })
      const box: Box = {
        x: Math.min(from.x, to.x),
        y: Math.min(from.y, to.y),
        width: Math.abs(to.x - from.x),
        height: Math.abs(to.y - from.y),
      }
      setCanvas({ box })
      const inside = [...everything()].filter(([id, other]) =>
        // A frame is taken only whole: else nothing inside it could be boxed alone.
        id.startsWith('frame:') ? covers(box, other) : touches(box, other),
      )
      select(new Set([...before, ...inside.map(([id]) => id)]))
    },
    up: (hasMoved, event) => {
      setCanvas({ box: null })
      if (!event) select(before)
      else if (!hasMoved) select([])
    },
  })
}

let leaving: ReturnType<typeof setTimeout> | undefined

export function onPointerMove(event: PointerEvent<HTMLElement>): void {
  const at = camera.toPlane({ x: event.clientX, y: event.clientY })
  pointAt(at)
  if (event.buttons !== 0 || event.pointerType === 'touch') return
  const target = event.target as Element
  if (target.closest('.wire-tools')) {
    clearTimeout(leaving)
    leaving = undefined
    return
  }
  const node = hitAt(target, at)
  const isGround = target.classList.contains('surface-ground')
  hover(node, isGround && node === null && !canvas().isFar ? (wireUnder(at)?.id ?? null) : null)
}

function hover(node: string | null, wire: string | null): void {
  const now = canvas()
  if (now.hoveredNode !== node) setCanvas({ hoveredNode: node })
  if (wire !== null) {
    clearTimeout(leaving)
    leaving = undefined
    if (now.hoveredWire !== wire) setCanvas({ hoveredWire: wire })
  } else if (now.hoveredWire !== null && leaving === undefined) {
    // Long enough to reach the buttons at its middle.
    leaving = setTimeout(() => {
      leaving = undefined
      setCanvas({ hoveredWire: null })
    }, LINGER_MS)
  }
}

export function onPointerLeave(): void {
  pointAt(null)
  hover(null, null)
}

export function onDoubleClick(event: MouseEvent<HTMLElement>): void {
  const target = event.target as Element
  if (target.closest(OWN_HANDLING) || target.closest('.written')) return
  const hit = hitAt(target, camera.toPlane({ x: event.clientX, y: event.clientY }))
  if (hit !== null) inspect(hit)
}
