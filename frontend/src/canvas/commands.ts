/** The canvas's own commands: looking around, selecting, moving, removing, framing. */

import { act, focus, select, selectWire } from '../editor/actions'
import { type Command, register } from '../editor/commands'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { addFrame } from '../graph/edits/places'
import { removeNodes } from '../graph/edits/remove'
import { disconnect } from '../graph/edits/wires'
import { bounds } from '../graph/geometry'
import { INSIDE_ONLY } from '../graph/rules'
import { INSIDE } from '../graph/wiring'
import { opening } from '../run/elements'
import { focusNode } from './keys'
import { menuPlace, openMenuByKey } from './menu'
import { nudge } from './moving'
import { enter, insertInto, inspect, keepConnection } from './nodeActions'
import { write, writeNote } from './notes'
import { inView } from './room'
import { boxOf, everything } from './scene'
import { canvas, setCanvas } from './state'
import { camera, fitView, isSmall, zoomBy } from './view'

const STEP = 1.25
const SMALL = 8
const LARGE = 40
const AROUND = 28
const HEAD = 20
/** One around nothing. */
const FRAME = { width: 480, height: 320 }

const notOnCanvas = (state: EditorState) =>
  state.face === 'canvas' && state.mode !== 'compare' ? null : 'Switch to the canvas first.'
const notSelected = (state: EditorState) =>
  notOnCanvas(state) ?? (state.selection.size > 0 ? null : 'Select something first.')
const notEditable = (state: EditorState) => notOnCanvas(state) ?? whyViewOnly(state)

const NO_WIRE = 'Select a connection first.'
const chosenWire = ({ wire, wiring }: EditorState) =>
  wire === null ? undefined : wiring.edges.find(({ id }) => id === wire)
const notInside = (state: EditorState) =>
  chosenWire(state)?.targetSocket === INSIDE ? INSIDE_ONLY : null

function remove(): void {
  const { doc, wiring, selection } = editor()
  const chosen = chosenWire(editor())
  if (chosen) {
    if (act(disconnect(doc, chosen))) selectWire(null)
  } else if (selection.size > 0) act(removeNodes(doc, wiring, [...selection], { heal: true }))
}

function frame(): void {
  const { doc, selection } = editor()
  const around = bounds([...selection].map(boxOf).filter((box) => box !== null))
  if (!around) {
    write(inView(addFrame(doc, { x: 0, y: 0, ...FRAME })))
    return
  }
  const box = {
    x: around.x - AROUND,
    y: around.y - AROUND - HEAD,
    width: around.width + 2 * AROUND,
    height: around.height + 2 * AROUND + HEAD,
  }
  write(addFrame(doc, box))
}

function leave(): void {
  const { wire, selection } = editor()
  if (canvas().implied) setCanvas({ implied: null })
  else if (wire !== null) selectWire(null)
  else if (selection.size > 0) select([])
  else focus(null)
}

const arrows: Command[] = (
  [
    ['Left', -1, 0],
    ['Right', 1, 0],
    ['Up', 0, -1],
    ['Down', 0, 1],
  ] as const
).flatMap(([name, x, y]) =>
  [SMALL, LARGE].map((by) => ({
    id: `canvas.${by === SMALL ? 'move' : 'move-far'}-${name.toLowerCase()}`,
    label: `Move ${name.toLowerCase()} by ${by}`,
    group: 'Arrange' as const,
    keys: [`${by === LARGE ? 'Shift+' : ''}Arrow${name}`],
    not: (state: EditorState) => notEditable(state) ?? notSelected(state),
    run: () => nudge(x * by, y * by),
  })),
)

register(
  {
    id: 'view.zoom-in',
    label: 'Zoom in',
    group: 'View',
    keys: ['+', '='],
    not: notOnCanvas,
    run: () => zoomBy(STEP),
  },
  {
    id: 'view.zoom-out',
    label: 'Zoom out',
    group: 'View',
    keys: ['-'],
    not: notOnCanvas,
    run: () => zoomBy(1 / STEP),
  },
  {
    id: 'view.zoom-100',
    label: 'Zoom to 100%',
    group: 'View',
    keys: ['1'],
    not: notOnCanvas,
    run: () => camera.zoomTo(1),
  },
  {
    id: 'view.fit',
    label: 'Fit to screen',
    group: 'View',
    keys: ['0'],
    not: notOnCanvas,
    run: () => fitView(),
  },
  {
    id: 'view.fit-selection',
    label: 'Zoom to selection',
    group: 'View',
    keys: ['F'],
    not: notSelected,
    run: () => fitView(editor().selection, true, 1.25),
  },
  {
    id: 'view.reveal',
    label: 'Scroll to selection',
    group: 'View',
    not: notSelected,
    run: () => {
      const [first] = editor().selection
      if (first !== undefined) focusNode(first)
    },
  },
  {
    id: 'view.minimap',
    label: 'Toggle minimap',
    group: 'View',
    keys: ['M'],
    not: notOnCanvas,
    run: () => {
      const { hasMinimap, isUnfolded } = canvas()
      setCanvas(isSmall(camera.size) ? { isUnfolded: !isUnfolded } : { hasMinimap: !hasMinimap })
    },
  },
  {
    id: 'edit.select-all',
    label: 'Select all',
    group: 'Edit',
    keys: ['Ctrl+A'],
    not: notOnCanvas,
    run: () => select([...everything()].map(([id]) => id)),
  },
  {
    id: 'stages.open',
    label: 'Open',
    also: 'Stages inside',
    group: 'Stages',
    keys: ['Enter'],
    isNative: true,
    not: ({ selection, wiring }) => {
      const [only, another] = selection
      const isOne = only !== undefined && another === undefined
      return isOne && (wiring.nodes.get(only)?.inside ?? 0) > 0
        ? null
        : 'Select a stage with stages inside first.'
    },
    run: () => {
      const [only] = editor().selection
      if (only !== undefined) enter(only)
    },
  },
  {
    id: 'stages.leave',
    label: 'Back to the whole template',
    group: 'View',
    keys: ['Escape'],
    // First of all, Escape lets go of what is selected.
    not: ({ inside, selection, wire }) =>
      inside === null ? 'No stage is open.' : selection.size > 0 || wire ? 'Deselect first.' : null,
    run: () => opening((code) => code.leaveStage()),
  },
  {
    id: 'edit.deselect',
    label: 'Deselect all',
    group: 'Edit',
    keys: ['Escape'],
    not: notOnCanvas,
    run: leave,
  },
  {
    id: 'edit.remove',
    label: 'Delete',
    group: 'Edit',
    keys: ['Delete', 'Backspace'],
    not: (state) =>
      notEditable(state) ??
      notInside(state) ??
      (state.wire !== null || state.selection.size > 0 ? null : 'Select something first.'),
    run: remove,
  },
  {
    id: 'arrange.frame',
    label: 'Frame selection',
    group: 'Arrange',
    keys: ['G'],
    not: notEditable,
    run: frame,
  },
  {
    id: 'arrange.note',
    label: 'Add a note',
    group: 'Arrange',
    keys: ['N'],
    not: notEditable,
    run: () => void writeNote(menuPlace()?.at ?? null),
  },
  {
    id: 'canvas.settings',
    label: 'Settings',
    group: 'Edit',
    keys: ['Enter'],
    isNative: true,
    not: (state) =>
      notOnCanvas(state) ?? (state.selection.size === 1 ? null : 'Select one item first.'),
    run: () => {
      const [only] = editor().selection
      if (only !== undefined) inspect(only)
    },
  },
  {
    id: 'canvas.menu',
    label: 'Open the menu',
    group: 'Edit',
    keys: ['Shift+F10', 'ContextMenu'],
    not: notOnCanvas,
    run: openMenuByKey,
  },
  {
    id: 'connection.insert',
    label: 'Insert a stage',
    group: 'Edit',
    not: (state) => notEditable(state) ?? notInside(state) ?? (chosenWire(state) ? null : NO_WIRE),
    run: () => {
      const wire = chosenWire(editor())
      if (wire) insertInto(wire)
    },
  },
  {
    id: 'connection.keep',
    label: 'Keep connection',
    group: 'Edit',
    not: (state) =>
      notEditable(state) ??
      (chosenWire(state)?.isImplied ? null : 'Select an automatic connection first.'),
    run: () => {
      const wire = chosenWire(editor())
      if (wire) keepConnection(wire)
    },
  },
  ...arrows,
)
