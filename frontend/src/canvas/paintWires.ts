/** Draws edges: near each over a halo, so that crossings read; far away all of a kind at once. */

import { type EditorState, editor } from '../editor/store'
import { tiesOf } from '../graph/flow'
import { HEAD, type Point, previewHeight } from '../graph/geometry'
import { type Route, straight } from '../graph/routes'
import type { Wire } from '../graph/wiring'
import { type RunStore, runs } from '../run/store'
import { showsRun } from './nodeState'
import type { Pass } from './paintPass'
import { type Scene, shiftBox } from './scene'
import { canvas } from './state'
import { routeFor, wiresIn } from './wires'

const SOLID: number[] = []
const IMPLIED = [5, 6]
const FAILED = [1, 6]
const TIE = [1, 5]
const REACH = 150
const RISE = 4
/** The offset of a node's mark from its corner. */
const MARK_INSET = 8
const MARK_RISE = 14
/** Below this zoom a curve is not told from a line. */
const STRAIGHT = 0.2

export type WireState = 'plain' | 'done' | 'reuse' | 'wait' | 'live' | 'fail'

const ALPHA: Readonly<Record<WireState, number>> = {
  plain: 1,
  done: 1,
  reuse: 0.62,
  wait: 0.42,
  live: 1,
  fail: 0.5,
}

/** Return the progress of the run on a wire. */
export function wireState(wire: Wire, run: RunStore, isRun: boolean): WireState {
  if (!isRun) return 'plain'
  const source = run.steps[wire.source]
  const target = run.steps[wire.target]
  if (source?.status === 'failed') return 'fail'
  const isThere = wire.source === '$inputs' || source?.status === 'completed'
  if (target?.status === 'failed') return 'fail'
  if (!isThere) return source ? 'wait' : 'plain'
  if (target?.status === 'running') return 'live'
  return source?.reusedFrom ? 'reuse' : 'done'
}

/** Return true if it leads into or out of a stage that only passes things on. */
function isPassing({ source, target }: Wire): boolean {
  const { nodes } = editor().wiring
  return (nodes.get(source)?.isBypassed || nodes.get(target)?.isBypassed) ?? false
}

export function paintWires(pass: Pass, scene: Scene): void {
  const state = editor()
  const run = runs()
  const isRun = showsRun(state, run.run)
  const { hoveredWire } = canvas()
  const onTop: [Wire, Route][] = []
  const batches = new Map<string, Path2D>()
  for (const wire of wiresIn(pass.seen, pass.part)) {
    const route = routeFor(wire)
    if (!route) continue
    if (wire.id === state.wire || wire.id === hoveredWire) {
      onTop.push([wire, route])
      continue
    }
    const how = wireState(wire, run, isRun)
    if (pass.isFar) batch(batches, pass, wire, how, route)
    else stroke(pass, state, wire, how, route)
  }
  paintBatches(pass, batches)
  if (pass.view.zoom >= STRAIGHT) paintTies(pass, scene)
  for (const [wire, route] of onTop) stroke(pass, state, wire, wireState(wire, run, isRun), route)
  pass.ink.globalAlpha = 1
  pass.ink.setLineDash(SOLID)
}

/** Paint a thin dotted line from each stage that a condition looks at to the mark that says so. */
function paintTies(pass: Pass, scene: Scene): void {
  const { ink, theme } = pass
  const { doc, wiring } = editor()
  const { moving } = canvas()
  ink.globalAlpha = 1
  ink.lineCap = 'round'
  ink.lineWidth = 1.5
  ink.strokeStyle = theme.text3
  ink.setLineDash(TIE)
  for (const { source, target } of tiesOf(doc)) {
    const one = scene.nodes.get(source)
    const other = scene.nodes.get(target)
    const node = wiring.nodes.get(source)
    const isLed = moving !== null && (moving.has(source) || moving.has(target))
    if (!one || !other || !node || isLed !== (pass.part === 'moving')) continue
    const from = shiftBox(one, moving?.get(source))
    const to = shiftBox(other, moving?.get(target))
    const start = { x: from.x + from.width, y: from.y + previewHeight(node.kind) + HEAD / 2 }
    const end = { x: to.x + MARK_INSET, y: to.y - MARK_RISE }
    if (!isSeen(pass, [start, end])) continue
    ink.beginPath()
    trace(ink, straight(start, end))
    ink.stroke()
  }
  ink.setLineDash(SOLID)
}

function isSeen({ seen }: Pass, [from, to]: [Point, Point]): boolean {
  return (
    Math.max(from.x, to.x) + REACH >= seen.x &&
    Math.min(from.x, to.x) - REACH <= seen.x + seen.width &&
    Math.max(from.y, to.y) >= seen.y - RISE &&
    Math.min(from.y, to.y) <= seen.y + seen.height + RISE
  )
}

function trace(path: Path2D | CanvasRenderingContext2D, route: Route): void {
  const start = route[0]?.[0]
  if (start) path.moveTo(start.x, start.y)
  for (const [, one, other, to] of route)
    path.bezierCurveTo(one.x, one.y, other.x, other.y, to.x, to.y)
}

function batch(
  batches: Map<string, Path2D>,
  pass: Pass,
  wire: Wire,
  how: WireState,
  route: Route,
): void {
  const dash = how === 'fail' ? 'fail' : wire.isImplied || isPassing(wire) ? 'implied' : ''
  const key = `${wire.isBackward ? 'bad' : wire.kind} ${ALPHA[how]} ${dash}`
  let path = batches.get(key)
  if (!path) {
    path = new Path2D()
    batches.set(key, path)
  }
  const from = route[0]?.[0]
  const to = route.at(-1)?.[3]
  if (pass.view.zoom >= STRAIGHT) trace(path, route)
  else if (from && to) {
    path.moveTo(from.x, from.y)
    path.lineTo(to.x, to.y)
  }
}

function paintBatches({ ink, theme, view }: Pass, batches: Map<string, Path2D>): void {
  // A line stays one pixel wide however small the graph is.
  const width = Math.max(2, 1 / view.zoom)
  ink.lineWidth = width
  ink.lineCap = 'butt'
  for (const [key, path] of batches) {
    const [kind, alpha, dash] = key.split(' ')
    ink.globalAlpha = Number(alpha)
    ink.strokeStyle = kind === 'bad' ? theme.bad : theme.hue[kind as keyof typeof theme.hue]
    // Dashes that cannot be told apart only cost time.
    const isDashed = dash !== '' && view.zoom >= STRAIGHT
    ink.setLineDash(isDashed ? [width * 2.5, width * 3] : SOLID)
    ink.stroke(path)
  }
  ink.globalAlpha = 1
}

function stroke(
  { ink, theme }: Pass,
  state: EditorState,
  wire: Wire,
  how: WireState,
  route: Route,
): void {
  const isChosen = wire.id === state.wire
  const isHovered = wire.id === canvas().hoveredWire
  ink.globalAlpha = 1
  ink.setLineDash(SOLID)
  ink.lineCap = 'butt'
  ink.beginPath()
  trace(ink, route)
  ink.strokeStyle = theme.canvas
  ink.lineWidth = 7
  ink.stroke()
  ink.lineCap = 'round'
  ink.globalAlpha = isChosen || isHovered ? 1 : ALPHA[how]
  ink.strokeStyle = isChosen ? theme.text : wire.isBackward ? theme.bad : theme.hue[wire.kind]
  ink.lineWidth = isChosen || isHovered || how === 'live' ? 3 : 2
  if (how === 'fail') ink.setLineDash(FAILED)
  else if (wire.isImplied || isPassing(wire)) ink.setLineDash(IMPLIED)
  ink.stroke()
}
