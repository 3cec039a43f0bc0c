/**
 * The pointer on ports. Works from the geometry alone, so that ports react alike whether the node
 * is in the page or painted.
 */

import { type Held, hold } from '../canvas/hold'
import { portPoint, sceneOf, shifted, under } from '../canvas/scene'
import { canvas } from '../canvas/state'
import { camera } from '../canvas/view'
import { wireUnder } from '../canvas/wires'
import { open, say } from '../editor/actions'
import { type End, editor } from '../editor/store'
import { type Box, PORT_REACH, PORT_REACH_TOUCH, type Point, portUnder } from '../graph/geometry'
import { edgePan, isOutside } from '../viewport/edgePan'
import { asked } from './adding'
import { connect, refuse } from './connectActions'
import {
  type Aim,
  aimAt,
  begin,
  bestOf,
  type Drag,
  drop,
  onSocket,
  SNAP,
  SNAP_TOUCH,
  sourceOf,
  whyNot,
  wireToPick,
} from './drag'
import { connecting, letGo, setConnect } from './state'

/** A press that moves less than this is a click, in screen pixels. */
const STILL = 5
/** Painted ports are this small at the least; below, a press means the node. */
const LEAST_ZOOM = 0.5

interface Press {
  readonly id: number
  readonly frame: HTMLElement
  readonly start: Point
  readonly end: End
  readonly isTouch: boolean
  readonly isNew: boolean
  readonly held: Held
  pointer: Point
  timer: number
}

let press: Press | null = null

/** Nodes where they are shown, the topmost last. */
export function shownBoxes(): ReadonlyMap<string, Box> {
  const { moving } = canvas()
  const { nodes } = sceneOf()
  if (!moving) return nodes
  return new Map([...nodes].map(([id, box]) => [id, shifted(box, moving.get(id))]))
}

/** The port under a point of the window, with what it carries. */
export function portOn(point: Point, isTouch: boolean): End | null {
  const { zoom } = camera.view
  if (zoom < LEAST_ZOOM) return null
  const at = camera.toPlane(point)
  const reach = isTouch ? PORT_REACH_TOUCH / Math.min(zoom, 1) : PORT_REACH
  const { wiring } = editor()
  for (const [id, box] of [...shownBoxes()].reverse()) {
    const node = wiring.nodes.get(id)
    const hit = node && portUnder(node, { x: at.x - box.x, y: at.y - box.y }, reach)
    if (!hit) continue
    const sockets = hit.side === 'in' ? node.inputs : node.outputs
    const socket = sockets.find((known) => known.key === hit.socket)
    if (socket) return { node: id, socket: socket.key, kind: socket.kind, side: hit.side }
  }
  return null
}

/** Listen to the canvas. frame: the element that holds all of it. Returns what stops it. */
export function listen(frame: HTMLElement): () => void {
  const onDown = (event: PointerEvent) => {
    if (event.target instanceof Node && frame.contains(event.target)) down(event, frame)
  }
  const onTouch = (event: TouchEvent) => {
    // A touch that took a port is not also a pan.
    if (!press?.isTouch) return
    event.preventDefault()
    event.stopPropagation()
  }
  const onDouble = (event: MouseEvent) => doubled(event, frame)
  // Before anything else hears of it: a press on a port is nothing but that.
  window.addEventListener('pointerdown', onDown, { capture: true })
  window.addEventListener('touchstart', onTouch, { capture: true, passive: false })
  frame.addEventListener('dblclick', onDouble)
  return () => {
    window.removeEventListener('pointerdown', onDown, { capture: true })
    window.removeEventListener('touchstart', onTouch, { capture: true })
    frame.removeEventListener('dblclick', onDouble)
    finish()
  }
}

/** Twice on empty ground: something is to be added there. */
function doubled(event: MouseEvent, frame: HTMLElement): void {
  const target = event.target instanceof Element ? event.target : null
  if (!target?.matches('.surface-ground') && target !== frame) return
  const screen = { x: event.clientX, y: event.clientY }
  const at = camera.toPlane(screen)
  if (!editor().canEdit || under(at) !== null || wireUnder(at)) return
  open({ name: 'add', at, screen })
}

function down(event: PointerEvent, frame: HTMLElement): void {
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest('.why, .which, .selbar')) return
  if (connecting().refusal || connecting().which) letGo()
  if (event.button !== 0 || !event.isPrimary || canvas().isPanning) return
  if (
    !editor().canEdit ||
    target?.closest('button:not(.written), input, textarea, select, a, [data-own-pointer]')
  )
    return
  const isTouch = event.pointerType === 'touch'
  const point = { x: event.clientX, y: event.clientY }
  const end = portOn(point, isTouch)
  if (!end) return
  // A node that lies above hides the port.
  const above = target?.closest<HTMLElement>('[data-node-id]')?.dataset.nodeId
  if (above !== undefined && above !== end.node) return
  // Neither a drag of the node nor a pan begins here, and a field that is written in is left.
  event.preventDefault()
  event.stopPropagation()
  if (
    document.activeElement instanceof HTMLElement &&
    document.activeElement.matches('input, textarea, [contenteditable]')
  )
    document.activeElement.blur()
  press = {
    id: event.pointerId,
    frame,
    start: point,
    end,
    isTouch,
    isNew: event.shiftKey,
    held: hold(frame, event),
    pointer: point,
    timer: 0,
  }
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', up)
  window.addEventListener('pointercancel', cancel)
  window.addEventListener('blur', cancel)
  window.addEventListener('keydown', key, { capture: true })
}

function move(event: PointerEvent): void {
  if (!press || event.pointerId !== press.id) return
  press.pointer = { x: event.clientX, y: event.clientY }
  if (!connecting().drag) {
    const { start } = press
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < STILL) return
    lift(press)
  }
  follow()
}

/** The press became a drag. */
function lift({ end, isNew, held }: Press): void {
  held.capture()
  const ask = asked()
  const picked = isNew ? null : wireToPick(ask, end)
  const drag = picked ? begin(ask, sourceOf(picked), picked) : begin(ask, end)
  setConnect({ drag, aim: null, refusal: null, which: null })
  const count = [...drag.options.keys()].length
  say(count === 1 ? '1 match.' : `${count} matches.`)
}

/** Put the loose end where the pointer is, and see what it is over. */
function follow(): void {
  const { drag } = connecting()
  if (!press || !drag) return
  const point = camera.toPlane(press.pointer)
  const snap = press.isTouch ? SNAP_TOUCH : SNAP
  const aim = isOutside(press.frame, press.pointer)
    ? null
    : aimAt(drag, shownBoxes(), point, camera.view.zoom, snap)
  const before = connecting()
  setConnect({ loose: looseEnd(drag, aim, point), aim: isSame(aim, before.aim) ? before.aim : aim })
  if (!isSame(aim, before.aim)) setConnect({ refusal: warning(drag, aim) })
  pan()
}

function looseEnd(drag: Drag, aim: Aim, point: Point): Point {
  if (!aim) return point
  const side = drag.from.side === 'out' ? 'in' : 'out'
  if (aim.type === 'port') return (aim.fits && portPoint(aim.node, side, aim.socket)) || point
  const best = bestOf(drag, aim.node)
  return (best && portPoint(aim.node, side, best.socket)) ?? point
}

/** Why the port under the pointer will not take it: said before the edge is let go. */
function warning(drag: Drag, aim: Aim) {
  if (aim?.type !== 'port' || aim.fits) return null
  const { node, socket } = aim
  const reason = whyNot(drag, node, socket)
  return reason === null ? null : { drag, node, socket, reason, fits: null }
}

function isSame(one: Aim, other: Aim): boolean {
  if (!one || !other) return one === other
  if (one.type === 'body' || other.type === 'body')
    return one.type === other.type && one.node === other.node
  return one.node === other.node && one.socket === other.socket && one.fits === other.fits
}

/** While the pointer is at the rim, the canvas moves under it. */
function pan(): void {
  if (press?.timer !== 0) return
  const step = () => {
    if (!press || !connecting().drag) return
    press.timer = 0
    const by = edgePan(press.frame, press.pointer)
    if (!by) return
    camera.panBy(by.x, by.y)
    follow()
  }
  press.timer = requestAnimationFrame(step)
}

function up(event: PointerEvent): void {
  if (!press || event.pointerId !== press.id) return
  const { end, pointer } = press
  const { aim } = connecting()
  let { drag } = connecting()
  const wasOutside = isOutside(press.frame, press.pointer)
  finish()
  if (!drag) {
    open({ name: 'connect', from: end, screen: pointer })
    return
  }
  const ask = asked()
  if (drag.whole.doc !== ask.doc) {
    // The graph changed during the drag: compute the edit again.
    const picked = drag.picked && ask.wiring.edges.find((wire) => wire.id === drag?.picked?.id)
    if (!ask.wiring.nodes.has(drag.from.node) || (drag.picked && !picked)) {
      letGo()
      return
    }
    drag = begin(ask, drag.from, picked ?? null)
  }
  if (wasOutside) letGo()
  else settle(drag, aim, pointer)
}

function settle(drag: Drag, aim: Aim, pointer: Point): void {
  const outcome = drop(drag, aim)
  letGo()
  switch (outcome.type) {
    case 'edit':
      connect(outcome.edit)
      return
    case 'refuse':
      refuse({ drag, ...outcome })
      return
    case 'choose': {
      const { node, options } = outcome
      const onChoose = (socket: string) => {
        const chosen = onSocket(drag, node, socket)
        if (chosen.type === 'edit') connect(chosen.edit)
      }
      const at = camera.toPlane(pointer)
      setConnect({
        which: { drag, node, at, options, onChoose: ({ socket }) => onChoose(socket) },
      })
      say('Connect to which field?')
      return
    }
    case 'add':
      open({ name: 'add', at: camera.toPlane(pointer), screen: pointer, from: drag.from })
  }
}

function cancel(): void {
  finish()
  letGo()
}

function key(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return
  event.preventDefault()
  event.stopPropagation()
  cancel()
  say('Not connected.')
}

function finish(): void {
  if (!press) return
  cancelAnimationFrame(press.timer)
  press.held.end()
  press = null
  window.removeEventListener('pointermove', move)
  window.removeEventListener('pointerup', up)
  window.removeEventListener('pointercancel', cancel)
  window.removeEventListener('blur', cancel)
  window.removeEventListener('keydown', key, { capture: true })
}
