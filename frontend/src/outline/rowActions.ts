/** The actions on a row: the entries of its menu, which are its keys, too. */

import {
  ArrowDown,
  ArrowUp,
  Cable,
  ChevronDown,
  ChevronUp,
  CopyPlus,
  Dices,
  FolderOpen,
  Hand,
  ListPlus,
  type LucideIcon,
  MessageCircle,
  Package,
  PackageOpen,
  PencilLine,
  RedoDot,
  Repeat,
  Repeat1,
  Settings2,
  SkipForward,
  Sparkles,
  SquareDashedMousePointer,
  Trash2,
  Unlink,
  Waypoints,
} from 'lucide-react'
import { enter } from '../canvas/nodeActions'
import { useComments } from '../comments/store'
import { act, open, select } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { editor } from '../editor/store'
import { unpackStage } from '../editor/unpacking'
import { stageOf } from '../graph/documentReaders'
import { bypassable } from '../graph/edits/fields'
import { canRunOnce, notRepeatable, repeatStage, runOnce } from '../graph/edits/flow'
import { notUnpackable } from '../graph/edits/unpack'
import { isTemplate } from '../graph/tools'
import { INSIDE } from '../graph/wiring'
import { ask } from '../run/asking'
import { rerollStage, start, whyNotTo, wordsTo } from '../run/start'
import { runs, waitOf } from '../run/store'
import { askWords } from '../run/words'
import {
  addAfter,
  bypassRow,
  connectAt,
  copyOf,
  inspect,
  isInput,
  isThing,
  move,
  realize,
  remove,
  renameRow,
  targetIds,
  toggleSelected,
  unlink,
} from './rowEdits'
import { outline, setOpen } from './state'
import type { Row } from './tree'

export interface RowAction {
  readonly id: string
  readonly label: string
  readonly icon: LucideIcon
  /** As `keyNames` spells them. */
  readonly keys: readonly string[]
  /** The reason that it is not possible now. */
  readonly not?: string | null
  readonly isGrave?: boolean
  readonly run: () => void
}

/** In the order of the menu; only what makes sense for the row. */
export function actionsFor(row: Row): RowAction[] {
  const { canEdit } = editor()
  const actions: RowAction[] = []
  const isWhole = (editor().wiring.nodes.get(row.node)?.inside ?? 0) > 0
  if (row.type === 'stage' && isWhole)
    actions.push({
      id: 'open',
      label: 'Open',
      icon: FolderOpen,
      keys: [],
      run: () => enter(row.node),
    })
  if (row.type !== 'notes')
    actions.push({
      id: 'inspect',
      label: row.type === 'in' ? 'Set value' : 'Settings',
      icon: Settings2,
      keys: ['Enter'],
      run: () => inspect(row),
    })
  if (!canEdit) return [...actions, ...viewActions(row)]
  return [
    ...actions,
    ...askActions(row),
    ...wiringActions(row),
    ...viewActions(row),
    ...runActions(row),
    ...placeActions(row),
  ]
}

function viewActions(row: Row): RowAction[] {
  const actions: RowAction[] = []
  const isOpen = outline().open.has(row.id)
  if (row.type === 'stage' || row.type === 'inputs')
    actions.push({
      id: 'ports',
      label: isOpen ? 'Hide inputs and outputs' : 'Show inputs and outputs',
      icon: isOpen ? ChevronUp : ChevronDown,
      // The tree walks by itself: these only say so.
      keys: [isOpen ? 'ArrowLeft' : 'ArrowRight'],
      run: () => setOpen(row.id, !isOpen),
    })
  if (isThing(row))
    actions.push({
      id: 'select',
      label: editor().selection.has(row.node) ? 'Remove from selection' : 'Add to selection',
      icon: SquareDashedMousePointer,
      keys: ['Space'],
      run: () => toggleSelected(row),
    })
  if (row.type === 'stage' && useComments.getState().mayWrite && !editor().inside)
    actions.push({
      id: 'comment',
      label: 'Comment',
      icon: MessageCircle,
      keys: ['Shift+C'],
      run: () => open({ name: 'comments', stage: row.node }),
    })
  return actions
}

function wiringActions(row: Row): RowAction[] {
  const actions: RowAction[] = []
  const { wire } = row
  // What stages inside a stage take is shown, and changed there.
  if (row.socket?.key === INSIDE) return []
  if (row.type !== 'notes' && row.type !== 'frame' && row.type !== 'note')
    actions.push({
      id: 'add',
      label: row.type === 'in' ? 'Add a stage for this input' : 'Add a stage after it',
      icon: ListPlus,
      keys: ['A', 'Shift+A'],
      run: () => addAfter(row),
    })
  if (row.type === 'stage' || row.type === 'in' || row.type === 'out')
    actions.push({
      id: 'connect',
      label: row.type === 'in' ? 'Connect from…' : 'Connect to…',
      icon: Cable,
      keys: ['C'],
      run: () => connectAt(row),
    })
  if (wire?.isImplied)
    actions.push({
      id: 'make-real',
      label: 'Keep connection',
      icon: Waypoints,
      keys: ['M'],
      run: () => realize(row),
    })
  else if (wire)
    actions.push({
      id: 'unlink',
      label: 'Disconnect',
      icon: Unlink,
      keys: ['U', 'Delete', 'Backspace'],
      run: () => unlink(row),
    })
  return actions
}

/** Only for stages: what is said of "it" is said of the selected ones. */
function askActions(row: Row): RowAction[] {
  if (row.type !== 'stage') return []
  return [
    {
      id: 'change',
      label: 'Change it',
      icon: Sparkles,
      keys: ['D'],
      run: () => {
        if (!editor().selection.has(row.node)) select([row.node])
        runCommand('change')
      },
    },
  ]
}

function runActions(row: Row): RowAction[] {
  if (row.type !== 'stage') return []
  const not = whyNotTo(row.node)
  const wait = waitOf(runs(), row.node)
  const answer: RowAction[] = wait
    ? [{ id: 'answer', label: askWords(wait), icon: Hand, keys: ['Q'], run: () => ask(wait) }]
    : []
  return [
    ...answer,
    {
      id: 'run-to',
      label: wordsTo('Run to here'),
      icon: SkipForward,
      keys: ['.'],
      not,
      run: () => void start({ to: row.node }),
    },
    {
      id: 'reroll',
      label: 'New seed, run to here',
      icon: Dices,
      keys: ['R'],
      not,
      run: () => void rerollStage(row.node),
    },
  ]
}

function placeActions(row: Row): RowAction[] {
  const actions: RowAction[] = []
  if (row.type === 'stage' || row.type === 'frame' || isInput(row))
    actions.push({
      id: 'rename',
      label: 'Rename',
      icon: PencilLine,
      keys: ['F2'],
      run: () => renameRow(row),
    })
  if (row.type === 'stage' || isInput(row))
    actions.push(
      {
        id: 'up',
        label: 'Move up',
        icon: ArrowUp,
        keys: ['Alt+ArrowUp'],
        run: () => move(row, -1),
      },
      {
        id: 'down',
        label: 'Move down',
        icon: ArrowDown,
        keys: ['Alt+ArrowDown'],
        run: () => move(row, 1),
      },
    )
  if (isThing(row))
    actions.push({
      id: 'duplicate',
      label: 'Duplicate',
      icon: CopyPlus,
      keys: ['Ctrl+D'],
      run: () => copyOf(row),
    })
  const { doc, wiring } = editor()
  const isBypassed = wiring.nodes.get(row.node)?.isBypassed ?? false
  if (bypassable(wiring, [row.node], !isBypassed).length > 0)
    actions.push({
      id: 'bypass',
      label: isBypassed ? "Don't bypass" : 'Bypass',
      icon: RedoDot,
      keys: ['Ctrl+B'],
      run: () => bypassRow(row, !isBypassed),
    })
  if (row.type === 'stage')
    actions.push({
      id: 'template',
      label: 'Make a template…',
      icon: Package,
      keys: [],
      run: () => {
        const ids = new Set(targetIds(row))
        open({ name: 'template', stages: doc.stages.order.filter((key) => ids.has(key)) })
      },
    })
  if (row.type === 'stage' && notRepeatable(doc, row.node) === null)
    actions.push({
      id: 'repeat',
      label: 'Repeat for each…',
      icon: Repeat,
      keys: [],
      run: () => act(repeatStage(editor().doc, editor().tools, row.node)),
    })
  if (row.type === 'stage' && canRunOnce(doc, row.node))
    actions.push({
      id: 'once',
      label: 'Run once',
      icon: Repeat1,
      keys: [],
      run: () => act(runOnce(editor().doc, row.node)),
    })
  const isWhole = (wiring.nodes.get(row.node)?.inside ?? 0) > 0
  if (row.type === 'stage' && (isWhole || isTemplate(stageOf(doc, row.node).tool)))
    actions.push({
      id: 'unpack',
      label: 'Unpack',
      icon: PackageOpen,
      keys: [],
      not: notUnpackable(doc, row.node),
      run: () => unpackStage(row.node),
    })
  if (isThing(row) || isInput(row))
    actions.push({
      id: 'remove',
      label: 'Delete',
      icon: Trash2,
      keys: ['Delete', 'Backspace'],
      isGrave: true,
      run: () => remove(row),
    })
  return actions
}
