/** Commands that change the graph: adding, connecting, copying, arranging. */

import { act, open } from '../editor/actions'
import { type Command, register } from '../editor/commands'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { unpackStage } from '../editor/unpacking'
import { STAGE_CHOICES } from '../graph/choices'
import { stageOf } from '../graph/documentReaders'
import type { Alignment } from '../graph/edits/align'
import { bypassable, setBypass } from '../graph/edits/fields'
import { canRunOnce, notRepeatable, repeatStage, runOnce } from '../graph/edits/flow'
import { notUnpackable } from '../graph/edits/unpack'
import { isTemplate } from '../graph/tools'
import { INPUTS } from '../graph/wiring'
import { Deferred } from '../parts/fetching'
import { onDemand } from '../parts/onDemand'
import { addNow } from './additions'
import { asked, endOf } from './connect/asked'
import { copyNow, duplicateNow, listenToClipboard, pasteNow } from './connect/clipboard'
import { menuPlace } from './menu'
import { frameOf, shownPlaces } from './scene'

const arrange = onDemand(new Deferred(() => import('./connect/arrange')), 'Arranging')

const notEditable = (state: EditorState) => {
  if (state.mode === 'compare') return 'Close compare first.'
  return whyViewOnly(state)
}
const notOnCanvas = (state: EditorState) =>
  notEditable(state) ?? (state.face === 'canvas' ? null : 'Switch to the canvas first.')
const nothingToCopy = (state: EditorState) =>
  [...state.selection].some((id) => id !== INPUTS) ? null : 'Select something first.'

/** The node that keys mean: the one that has the focus, else the only one that is selected. */
function targetStage({ focused, selection, wiring }: EditorState): string | null {
  if (focused !== null && wiring.nodes.has(focused)) return focused
  const [only, another] = selection
  return only !== undefined && another === undefined && wiring.nodes.has(only) ? only : null
}

const hasInside = ({ doc, wiring }: EditorState, stage: string | null) =>
  stage !== null &&
  ((wiring.nodes.get(stage)?.inside ?? 0) > 0 || isTemplate(stageOf(doc, stage).tool))

/** List the stages that are selected, in order, else the one that keys mean. */
function stagesMeant(state: EditorState): string[] {
  const stages = state.doc.stages.order.filter((key) => state.selection.has(key))
  const only = targetStage(state)
  return stages.length > 0 || only === null || only === INPUTS ? stages : [only]
}

const notMeant = (state: EditorState) =>
  notEditable(state) ?? (targetStage(state) === null ? 'Select a stage first.' : null)

function endMeant() {
  const node = targetStage(editor())
  return node === null ? null : endOf(asked(), node)
}

/** List those of the selected stages, else of the focused one, that can be set so. */
function toBypass(state: EditorState, on: boolean): string[] {
  const { selection, wiring, focused } = state
  return bypassable(wiring, selection.size > 0 ? selection : focused ? [focused] : [], on)
}

const aligning: readonly [Alignment, string, string, number][] = [
  ['left', 'Align left edges', 'Alt+A', 2],
  ['center', 'Align centers', 'Alt+H', 2],
  ['right', 'Align right edges', 'Alt+D', 2],
  ['top', 'Align top edges', 'Alt+W', 2],
  ['middle', 'Align middles', 'Alt+V', 2],
  ['bottom', 'Align bottom edges', 'Alt+S', 2],
  ['distribute-x', 'Distribute horizontally', 'Alt+Shift+H', 3],
  ['distribute-y', 'Distribute vertically', 'Alt+Shift+V', 3],
]

register(
  {
    id: 'stages.add',
    label: 'Add a stage',
    group: 'Stages',
    keys: ['A'],
    not: notEditable,
    run: () => open({ name: 'add', ...menuPlace() }),
  },
  {
    id: 'stages.add-after',
    label: 'Add next stage',
    group: 'Stages',
    keys: ['Shift+A'],
    not: notMeant,
    run: () => {
      const from = endMeant()
      if (from) open({ name: 'add', from })
    },
  },
  ...STAGE_CHOICES.map(
    ({ type, title }): Command => ({
      id: `stages.add-${type}`,
      label: `Add: ${title}`,
      group: 'Stages',
      not: notEditable,
      run: () => addNow(type, type),
    }),
  ),
  {
    id: 'stages.connect',
    label: 'Connect',
    group: 'Stages',
    keys: ['C'],
    not: notMeant,
    run: () => {
      const from = endMeant()
      if (from) open({ name: 'connect', from })
    },
  },
  {
    id: 'edit.copy',
    label: 'Copy',
    group: 'Edit',
    keys: ['Ctrl+C'],
    isNative: true,
    not: nothingToCopy,
    run: () => copyNow(false),
  },
  {
    id: 'edit.cut',
    label: 'Cut',
    group: 'Edit',
    keys: ['Ctrl+X'],
    isNative: true,
    not: (state) => notEditable(state) ?? nothingToCopy(state),
    run: () => copyNow(true),
  },
  {
    id: 'edit.paste',
    label: 'Paste',
    group: 'Edit',
    keys: ['Ctrl+V'],
    isNative: true,
    not: notEditable,
    run: pasteNow,
  },
  {
    id: 'edit.duplicate',
    label: 'Duplicate',
    group: 'Edit',
    keys: ['Ctrl+D'],
    not: (state) => notEditable(state) ?? nothingToCopy(state),
    run: duplicateNow,
  },
  {
    id: 'stages.bypass',
    label: 'Bypass',
    group: 'Stages',
    keys: ['Ctrl+B'],
    not: (state) =>
      notEditable(state) ??
      (toBypass(state, true).length > 0
        ? null
        : 'Select a stage that gets media of the type it makes.'),
    run: () => void act(setBypass(editor().doc, toBypass(editor(), true), true)),
  },
  {
    id: 'stages.unbypass',
    label: "Don't bypass",
    group: 'Stages',
    keys: ['Ctrl+B'],
    not: (state) =>
      notEditable(state) ??
      (toBypass(state, false).length > 0 ? null : 'Select a bypassed stage first.'),
    run: () => void act(setBypass(editor().doc, toBypass(editor(), false), false)),
  },
  {
    id: 'stages.unpack',
    label: 'Unpack',
    also: 'Ungroup the stages inside',
    group: 'Stages',
    not: (state) => notEditable(state) ?? notUnpackable(state.doc, targetStage(state) ?? ''),
    isMeant: (state) => state.canEdit && hasInside(state, targetStage(state)),
    run: () => {
      const stage = targetStage(editor())
      if (stage !== null) unpackStage(stage, shownPlaces())
    },
  },
  {
    id: 'stages.template',
    label: 'Make a template…',
    also: 'Collapse, group the selected stages',
    group: 'Stages',
    not: (state) =>
      notEditable(state) ?? (stagesMeant(state).length > 0 ? null : 'Select stages first.'),
    run: () => open({ name: 'template', stages: stagesMeant(editor()) }),
  },
  {
    id: 'stages.repeat',
    label: 'Repeat for each…',
    also: 'Batch, loop over a list',
    group: 'Stages',
    not: (state) => notEditable(state) ?? notRepeatable(state.doc, targetStage(state) ?? ''),
    run: () => {
      const { doc, tools } = editor()
      const stage = targetStage(editor())
      if (stage !== null) act(repeatStage(doc, tools, stage))
    },
  },
  {
    id: 'stages.once',
    label: 'Run once',
    also: 'Turn off Repeat for each',
    group: 'Stages',
    not: (state) =>
      notEditable(state) ??
      (canRunOnce(state.doc, targetStage(state) ?? '') ? null : 'Select a Repeat for each first.'),
    run: () => {
      const stage = targetStage(editor())
      if (stage !== null) act(runOnce(editor().doc, stage))
    },
  },
  ...aligning.map(
    ([how, label, key, least]): Command => ({
      id: `arrange.${how.startsWith('distribute') ? how : `align-${how}`}`,
      label,
      group: 'Arrange',
      keys: [key],
      not: (state) =>
        notOnCanvas(state) ??
        (state.selection.size < least ? `Select ${least} or more first.` : null),
      run: () => arrange((code) => code.alignSelection(how)),
    }),
  ),
  {
    id: 'arrange.tidy',
    label: 'Tidy up',
    group: 'Arrange',
    keys: ['Shift+T'],
    not: (state) =>
      notOnCanvas(state) ?? (state.wiring.nodes.size === 0 ? 'Everything is tidy already.' : null),
    run: () => arrange((code) => code.tidyUp()),
  },
  {
    id: 'arrange.bring-out',
    label: 'Remove from frame',
    group: 'Arrange',
    keys: ['Shift+G'],
    not: (state) =>
      notOnCanvas(state) ??
      ([...state.selection].some((id) => frameOf(id))
        ? null
        : 'Select something inside a frame first.'),
    run: () => arrange((code) => code.bringOut()),
  },
)

listenToClipboard()
