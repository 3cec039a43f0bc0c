// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/api/schema'
import { connecting } from '../../src/canvas/connect/state'
import type { Hit } from '../../src/canvas/hitTest'
import { boxOf, portPoint } from '../../src/canvas/scene'
import { canvas, setCanvas } from '../../src/canvas/state'
import { Machine } from '../../src/canvas/tools/machine'
import type { MoveInput, PressInput } from '../../src/canvas/tools/toolState'
import type { Session } from '../../src/document/session'
import { select } from '../../src/editor/actions'
import { type End, editor, useEditor } from '../../src/editor/store'
import type { Point } from '../../src/graph/geometry'
import { openDocument } from '../opened'

const SPEC: JsonObject = {
  name: 'Film',
  inputs: [],
  stages: [
    {
      id: 'door',
      type: 'fixed',
      tool: 'generate_image',
      produces: ['door'],
      args: { prompt: 'a' },
    },
    { id: 'wall', type: 'fixed', tool: 'upscale_image', produces: ['wall'], args: {} },
  ],
  graph: {
    nodes: [
      { stageId: 'door', x: 0, y: 0 },
      { stageId: 'wall', x: 400, y: 0 },
    ],
  },
}
const OUT: End = { node: 'door', socket: 'out', kind: 'image', side: 'out' }
const GROUND: Hit = { type: 'ground', isBare: true }
const DOOR: Hit = { type: 'node', id: 'door' }
const PORT: Hit = { type: 'port', end: OUT }
// Where each press begins.
const ON_DOOR = { x: 20, y: 20 }

let session: Session
let machine: Machine

beforeEach(() => {
  session = openDocument(SPEC)
  setCanvas({ isFar: false, isReady: true, isPanning: false })
  machine = new Machine()
})

afterEach(() => {
  machine.dispatch({ type: 'cancel' })
  expect(machine.state.name).toBe('idle')
  expect(canvas()).toMatchObject({ moving: null, guides: [], box: null })
  expect(connecting().drag).toBeNull()
  expect(document.documentElement.classList.contains('is-grabbing')).toBe(false)
})

function inputAt(at: Point, hit: Hit, more: Partial<PressInput & MoveInput> = {}) {
  return {
    kind: 'mouse' as const,
    screen: at,
    at,
    hit,
    isShift: false,
    isAlt: false,
    isCommand: false,
    button: 0,
    time: 0,
    isPressed: true,
    hasMoved: true,
    isKeeping: false,
    isOutside: false,
    ...more,
  }
}

function down(hit: Hit, more: Partial<PressInput> = {}): void {
  machine.dispatch({ type: 'pointerDown', input: inputAt(ON_DOOR, hit, more) })
}

function move(x: number, y: number, more: Partial<MoveInput> = {}): void {
  const at = { x: ON_DOOR.x + x, y: ON_DOOR.y + y }
  machine.dispatch({ type: 'pointerMove', input: inputAt(at, GROUND, more) })
}

function up(x = 0, y = 0): void {
  const at = { x: ON_DOOR.x + x, y: ON_DOOR.y + y }
  machine.dispatch({ type: 'pointerUp', input: inputAt(at, GROUND) })
}

function selected(): string[] {
  return [...editor().selection]
}

describe('a press names the state that follows', () => {
  test.each([
    ['a port', PORT, {}, 'pointingPort'],
    ['a node', DOOR, {}, 'pointingNode'],
    ['the ground', GROUND, {}, 'pointingGround'],
    ['a control', { type: 'control', isAnswer: false } as Hit, {}, 'idle'],
    ['anything, by the middle button', DOOR, { button: 1 }, 'panning'],
    ['anything, by the right button', DOOR, { button: 2 }, 'idle'],
  ])('%s', (_, hit, more, name) => {
    down(hit, more)
    expect(machine.state.name).toBe(name)
  })

  test('with Space held the view is moved, wherever it is pressed', () => {
    setCanvas({ isPanning: true })
    down(PORT)
    expect([machine.state.name, machine.state.isClaimed]).toEqual(['panning', false])
  })
})

describe('a move names the next one', () => {
  test.each([
    ['a node is dragged', DOOR, {}, 'dragging', true],
    ['an edge is drawn', PORT, {}, 'connecting', true],
    ['the ground pans', GROUND, {}, 'panning', false],
    ['with Shift it is boxed', GROUND, { isShift: true }, 'brushing', true],
    ['a finger on a node pans', DOOR, { kind: 'touch' as const }, 'panning', false],
    ['a pen drags a node', DOOR, { kind: 'pen' as const }, 'dragging', true],
  ])('%s', (_, hit, more, name, isClaimed) => {
    down(hit, more)
    move(1, 1, { hasMoved: false })
    expect(machine.state.name).not.toBe(name)
    move(30, 30)
    expect([machine.state.name, machine.state.isClaimed]).toEqual([name, isClaimed])
  })

  test('a finger drags a node that is selected', () => {
    select(['door'])
    down(DOOR, { kind: 'touch' })
    move(40, 40)
    expect(machine.state.name).toBe('dragging')
  })

  test('a node stays where it is in a template that may not be edited', () => {
    useEditor.setState({ canEdit: false })
    down(DOOR)
    move(40, 40)
    expect([machine.state.name, canvas().moving]).toEqual(['idle', null])
  })
})

describe('what the pointer does when it goes up', () => {
  test('a click selects a node, with Shift one more, on the ground none', () => {
    down(DOOR)
    up()
    expect(selected()).toEqual(['door'])
    down({ type: 'node', id: 'wall' }, { isShift: true })
    up()
    expect(selected()).toEqual(['door', 'wall'])
    down(GROUND)
    up()
    expect(selected()).toEqual([])
  })

  test('a finger selects a node when it goes up', () => {
    down(DOOR, { kind: 'touch' })
    expect(selected()).toEqual([])
    up()
    expect(selected()).toEqual(['door'])
  })

  test('a node that was dragged stays there, as one undo step', () => {
    down(DOOR)
    move(40, 80, { isAlt: true })
    expect(boxOf('door')).toMatchObject({ x: 40, y: 80 })
    up(40, 80)
    expect(boxOf('door')).toMatchObject({ x: 40, y: 80 })
    session.undo()
    expect(boxOf('door')).toMatchObject({ x: 0, y: 0 })
  })

  test('what a box touches is added to what is selected', () => {
    select(['wall'])
    down(GROUND, { isShift: true })
    move(10, 10)
    expect(canvas().box).toEqual({ x: 20, y: 20, width: 10, height: 10 })
    up(10, 10)
    expect(selected()).toEqual(['wall', 'door'])
  })

  test('an edge that is led to a port connects it', () => {
    const port = portPoint('wall', 'in', 'port:image') as Point
    down(PORT)
    move(port.x - ON_DOOR.x, port.y - ON_DOOR.y)
    expect(connecting().aim).toEqual({
      type: 'port',
      node: 'wall',
      socket: 'port:image',
      fits: true,
    })
    up(port.x - ON_DOOR.x, port.y - ON_DOOR.y)
    expect(editor().wiring.edges.filter((edge) => !edge.isImplied)).toMatchObject([
      { source: 'door', target: 'wall' },
    ])
  })

  test('a port that is clicked asks what to connect it to', () => {
    down(PORT)
    up()
    expect(editor().dialog).toMatchObject({ name: 'connect', from: OUT })
  })
})

describe('Escape and a lost pointer take it back', () => {
  test.each(['escape', 'cancel'] as const)('a drag, by %s', (type) => {
    down(DOOR)
    move(40, 80)
    machine.dispatch({ type })
    expect([machine.state.name, boxOf('door')?.x, session.canUndo]).toEqual(['idle', 0, null])
  })

  test.each(['escape', 'cancel'] as const)('a box, by %s', (type) => {
    select(['wall'])
    down(GROUND, { isShift: true })
    move(10, 10)
    machine.dispatch({ type })
    expect([selected(), canvas().box]).toEqual([['wall'], null])
  })

  test.each(['escape', 'cancel'] as const)('an edge, by %s', (type) => {
    down(PORT)
    move(100, 100)
    expect(connecting().drag).not.toBeNull()
    machine.dispatch({ type })
    expect([machine.state.name, connecting().drag, session.canUndo]).toEqual(['idle', null, null])
  })

  test('Escape means something else while nothing or the view is moved', () => {
    expect(machine.dispatch({ type: 'escape' })).toBe(false)
    down(GROUND)
    move(50, 50)
    expect([machine.dispatch({ type: 'escape' }), machine.state.name]).toEqual([false, 'panning'])
  })
})

describe('a pointer that is not pressed', () => {
  const over = (hit: Hit, more: Partial<MoveInput> = {}) =>
    machine.dispatch({
      type: 'pointerMove',
      input: inputAt(ON_DOOR, hit, { isPressed: false, hasMoved: false, ...more }),
    })

  test('highlights the node under it until it leaves', () => {
    over(DOOR)
    expect(canvas().hoveredNode).toBe('door')
    machine.dispatch({ type: 'pointerLeave' })
    expect(canvas().hoveredNode).toBeNull()
    over(DOOR, { kind: 'touch' })
    expect(canvas().hoveredNode).toBeNull()
  })

  test('adds a stage on bare ground by a double click, and nowhere else', () => {
    useEditor.setState({ dialog: null })
    const double = (hit: Hit) =>
      machine.dispatch({ type: 'doubleClick', input: inputAt({ x: 900, y: 900 }, hit) })
    double({ type: 'control', isAnswer: false })
    double({ type: 'ground', isBare: false })
    expect(editor().dialog).toBeNull()
    double(GROUND)
    expect(editor().dialog).toMatchObject({ name: 'add', at: { x: 900, y: 900 } })
  })
})
