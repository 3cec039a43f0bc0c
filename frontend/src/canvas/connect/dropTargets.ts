/** Targets of parts of the palette and of files that are dragged onto the canvas. */

import type { SocketKind } from '../../api/schema'
import { type End, editor, type Point } from '../../editor/store'
import { INPUTS_HEAD, INPUTS_WIDTH, NODE_WIDTH, previewHeight, snap } from '../../graph/geometry'
import { INPUTS } from '../../graph/wiring'
import type { DraggedMedium } from '../additions'
import { portOn } from '../hitTest'
import { portPoint, under } from '../scene'
import { camera } from '../view'
import { wireUnder } from '../wires'
import { add, placeOn } from './adding'
import { asked } from './asked'
import { choicesFor, editFor, type Part, type Place } from './choices'
import { bringFiles, placeMedium } from './files'
import { connecting, setConnect } from './state'

interface Target {
  readonly place: Place
  readonly wire: string | null
  readonly node: string | null
}

/** Show where a part that is dragged would go. text: what the palette gave along. */
export function aim(text: string, point: Point): void {
  const part = partOf(text)
  if (!part) return
  const { wire, node } = targetAt(part, point, mediumOf(text) !== null)
  const before = connecting().over
  if (before?.wire !== wire || before?.node !== node) setConnect({ over: { wire, node } })
}

/** Add a part where it was let go. False: it is none. */
export function drop(text: string, point: Point): boolean {
  const part = partOf(text)
  if (!part) return false
  const medium = mediumOf(text)
  const { place } = targetAt(part, point, medium !== null)
  if (medium) placeMedium(medium, place.type === 'end' ? place.end : null, camera.toPlane(point))
  else add(part, place, 'fits', true)
  return true
}

/** Add files where they were let go. */
export function dropFiles(files: readonly File[], point: Point): void {
  void bringFiles(files, portOn(point, false), camera.toPlane(point))
}

/**
 * Return the target of a part where it is: an edge, a port, or a free place. isMedium: it is a
 * file, which feeds a stage wherever on it it is dropped.
 */
function targetAt(part: Part, point: Point, isMedium: boolean): Target {
  const at = camera.toPlane(point)
  const free: Target = { place: { type: 'free', at: cornerOf(part, at) }, wire: null, node: null }
  const end = portOn(point, false) ?? bodyEnd(part, at, isMedium)
  if (end) {
    const place: Place = { type: 'end', end, at: besidePort(end) }
    return editFor(asked(), part, place) ? { place, wire: null, node: end.node } : free
  }
  // All inputs are in one box: where it is already, another one goes there.
  if (part.type === 'input' && editor().wiring.nodes.has(INPUTS)) return { ...free, node: INPUTS }
  if (part.type !== 'tool') return free
  const wire = wireUnder(at)
  if (!wire) return free
  const place = placeOn(wire)
  return editFor(asked(), part, place) ? { place, wire: wire.id, node: null } : free
}

/** An input that is dropped on a stage goes to the only port that takes it, a file to the first
 * that has nothing yet. */
function bodyEnd(part: Part, at: Point, isMedium: boolean): End | null {
  const id = under(at)
  const node = id === null || id === INPUTS ? undefined : editor().wiring.nodes.get(id)
  if (part.type !== 'input' || !node) return null
  const ask = asked()
  const ends = node.inputs
    .map((socket): End => ({ node: node.id, socket: socket.key, kind: socket.kind, side: 'in' }))
    .filter((end) =>
      choicesFor(ask, { type: 'end', end, at: null }).some(
        (choice) => choice.part.type === 'input' && choice.part.inputType === part.inputType,
      ),
    )
  if (!isMedium || ends.length < 2) return ends.length === 1 ? (ends[0] ?? null) : null
  const { edges } = editor().wiring
  const isFed = ({ node, socket }: End) =>
    edges.some((edge) => edge.target === node && edge.targetSocket === socket && !edge.isImplied)
  return ends.find((end) => !isFed(end)) ?? null
}

function besidePort({ node, side, socket }: End): Point | null {
  const at = portPoint(node, side, socket)
  return at && { x: side === 'out' ? at.x + 56 : at.x - 56, y: at.y }
}

/** A part that is let go is with its head under the pointer. */
function cornerOf(part: Part, at: Point): Point {
  const kind: SocketKind = part.type === 'tool' ? (part.tool.output ?? 'choice') : 'choice'
  if (part.type === 'note') return at
  if (part.type === 'input') return { x: at.x - INPUTS_WIDTH / 2, y: at.y - INPUTS_HEAD / 2 }
  return { x: snap(at.x - NODE_WIDTH / 2), y: snap(at.y - previewHeight(kind) - 24) }
}

function mediumOf(text: string): DraggedMedium | null {
  const medium = JSON.parse(text) as Partial<DraggedMedium>
  return medium.value === undefined ? null : (medium as DraggedMedium)
}

function partOf(text: string): Part | null {
  if (!text) return null
  let data: Record<string, string>
  try {
    data = JSON.parse(text) as Record<string, string>
  } catch {
    return null
  }
  const tool = data.tool === undefined ? null : editor().tools.get(data.tool)
  if (tool) return { type: 'tool', tool }
  if (data.stage === 'interactive' || data.stage === 'batch')
    return { type: 'stage', stageType: data.stage }
  if (data.input !== undefined)
    return { type: 'input', inputType: data.input as Extract<Part, { type: 'input' }>['inputType'] }
  return null
}
