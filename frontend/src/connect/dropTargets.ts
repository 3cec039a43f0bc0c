/** What is dragged onto the canvas from outside: parts of the palette, and files. */

import type { SocketKind } from '../api/schema'
import { portOn } from '../canvas/hits'
import { portPoint, under } from '../canvas/scene'
import { camera } from '../canvas/view'
import { wireUnder } from '../canvas/wires'
import { type End, editor, type Point } from '../editor/store'
import { heroOf, INPUTS_HEAD, INPUTS_WIDTH, NODE_WIDTH, snap } from '../graph/geometry'
import { INPUTS } from '../graph/wiring'
import { DRAGGED, type DraggedMedium } from '../palette/adding'
import { add, asked, placeOn } from './adding'
import { choicesFor, editFor, type Part, type Place } from './choices'
import { bringFiles, placeMedium } from './files'
import { connecting, setConnect } from './state'

/** What is being dragged from our own palette: the data itself cannot be read before the drop. */
let dragged: Part | null = null
/** Whether it is a file, which feeds a stage wherever on it it is dropped. */
let isMedium = false

interface Target {
  readonly place: Place
  readonly wire: string | null
  readonly node: string | null
}

/** Listen for drops. Returns what stops it. */
export function listenForDrops(frame: HTMLElement): () => void {
  const onStart = (event: DragEvent) => {
    const text = event.dataTransfer?.getData(DRAGGED) ?? ''
    dragged = partOf(text)
    isMedium = dragged !== null && mediumOf(text) !== null
  }
  const onEnd = () => {
    dragged = null
    setConnect({ over: null })
  }
  const onOver = (event: DragEvent) => over(event)
  const onLeave = (event: DragEvent) => {
    const to = event.relatedTarget
    if (!(to instanceof Node && frame.contains(to))) setConnect({ over: null })
  }
  const onDrop = (event: DragEvent) => dropped(event)
  document.addEventListener('dragstart', onStart)
  document.addEventListener('dragend', onEnd)
  frame.addEventListener('dragover', onOver)
  frame.addEventListener('dragleave', onLeave)
  frame.addEventListener('drop', onDrop)
  return () => {
    document.removeEventListener('dragstart', onStart)
    document.removeEventListener('dragend', onEnd)
    frame.removeEventListener('dragover', onOver)
    frame.removeEventListener('dragleave', onLeave)
    frame.removeEventListener('drop', onDrop)
  }
}

function over(event: DragEvent): void {
  const types = event.dataTransfer?.types ?? []
  const isPart = types.includes(DRAGGED)
  if (!event.dataTransfer || (!isPart && !types.includes('Files'))) return
  event.preventDefault()
  event.dataTransfer.dropEffect = 'copy'
  if (!isPart || !dragged) return
  const { wire, node } = targetAt(dragged, { x: event.clientX, y: event.clientY })
  const before = connecting().over
  if (before?.wire !== wire || before?.node !== node) setConnect({ over: { wire, node } })
}

function dropped(event: DragEvent): void {
  const data = event.dataTransfer
  if (!data || event.defaultPrevented) return
  const point = { x: event.clientX, y: event.clientY }
  setConnect({ over: null })
  const part = partOf(data.getData(DRAGGED))
  dragged = null
  if (part) {
    event.preventDefault()
    const medium = mediumOf(data.getData(DRAGGED))
    isMedium = medium !== null
    const { place } = targetAt(part, point)
    if (medium) placeMedium(medium, place.type === 'end' ? place.end : null, camera.toPlane(point))
    else add(part, place, 'fits')
    return
  }
  if (data.files.length === 0) return
  event.preventDefault()
  void bringFiles([...data.files], portOn(point, false), camera.toPlane(point))
}

/** What a part would do where it is: go into an edge, onto a port, or stand on its own. */
function targetAt(part: Part, point: Point): Target {
  const at = camera.toPlane(point)
  const free: Target = { place: { type: 'free', at: cornerOf(part, at) }, wire: null, node: null }
  const end = portOn(point, false) ?? bodyEnd(part, at)
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
function bodyEnd(part: Part, at: Point): End | null {
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
  return { x: snap(at.x - NODE_WIDTH / 2), y: snap(at.y - heroOf(kind) - 24) }
}

function mediumOf(text: string): DraggedMedium | null {
  const read = JSON.parse(text) as Partial<DraggedMedium>
  return read.value === undefined ? null : (read as DraggedMedium)
}

function partOf(text: string): Part | null {
  if (!text) return null
  let read: Record<string, string>
  try {
    read = JSON.parse(text) as Record<string, string>
  } catch {
    return null
  }
  const tool = read.tool === undefined ? null : editor().tools.get(read.tool)
  if (tool) return { type: 'tool', tool }
  if (read.stage === 'interactive' || read.stage === 'batch')
    return { type: 'stage', stageType: read.stage }
  if (read.input !== undefined)
    return { type: 'input', inputType: read.input as Extract<Part, { type: 'input' }>['inputType'] }
  return null
}
