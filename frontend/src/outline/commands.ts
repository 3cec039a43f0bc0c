/** The outline's commands. Its keys act in the tree itself; here they are listed and found. */

import { focusNode } from '../canvas/keys'
import { setFace } from '../editor/actions'
import { type Command, register } from '../editor/commands'
import { type EditorState, editor, whyViewOnly } from '../editor/store'
import { actionsOf, askForInput, focusRow, rowAt, setAt, setTab } from './state'

const notInOutline = (state: EditorState) =>
  state.face === 'outline' && state.mode !== 'compare' ? null : 'Only in the outline.'

/** Change between the two, the selection and the place of the keyboard kept. */
export function turn(face: EditorState['face']): void {
  const { focused, selection } = editor()
  const [only] = selection
  const node = focused ?? only ?? null
  setFace(face)
  setTab('outline')
  if (face === 'outline' && node !== null && rowAt()?.node !== node) setAt(node)
  whenThere(face === 'outline' ? '.work-area.outline' : '.work-area:not(.outline)', () => {
    if (face === 'outline') {
      if (rowAt()) focusRow()
      else document.getElementById('main')?.focus()
    } else if (node !== null && editor().wiring.nodes.has(node)) focusNode(node)
    else document.getElementById('main')?.focus()
  })
}

/** Once this is in the page, which may have to be fetched first. Before the next key: a frame later
    one that is pressed at once would be lost. */
function whenThere(selector: string, then: () => void): void {
  arrival.disconnect()
  if (document.querySelector(selector)) {
    then()
    return
  }
  const isHere = () => {
    if (!document.querySelector(selector)) return
    arrival.disconnect()
    then()
  }
  arrival = new MutationObserver(isHere)
  arrival.observe(document.body, { childList: true, subtree: true })
}

/** Watches for the face that was turned to last. */
let arrival = new MutationObserver(() => {})

/** An action of the row the keyboard is on. */
function ofRow(id: string, command: Pick<Command, 'label' | 'keys'>, where: string): Command {
  const actionHere = () => {
    const row = rowAt()
    return row ? actionsOf(row).find((action) => action.id === id) : undefined
  }
  return {
    id: `outline.${id}`,
    group: 'Stages',
    ...command,
    isNative: true,
    not: (state) => notInOutline(state) ?? (actionHere() ? null : where),
    run: () => actionHere()?.run(),
  }
}

register(
  {
    id: 'outline.toggle',
    label: 'Toggle outline',
    group: 'View',
    keys: ['O'],
    not: (state) => (state.mode === 'compare' ? 'Close compare first.' : null),
    run: () => turn(editor().face === 'outline' ? 'canvas' : 'outline'),
  },
  {
    id: 'outline.add-input',
    label: 'Add an input',
    group: 'Stages',
    keys: ['I'],
    isNative: true,
    not: (state) => notInOutline(state) ?? whyViewOnly(state),
    run: () => askForInput(true),
  },
  ofRow('unlink', { label: 'Disconnect', keys: ['U'] }, 'Select an input first.'),
  ofRow(
    'make-real',
    { label: 'Keep automatic connection', keys: ['M'] },
    'Select an automatic connection first.',
  ),
  ofRow('up', { label: 'Move up in the outline', keys: ['Alt+ArrowUp'] }, 'Select a stage first.'),
  ofRow(
    'down',
    { label: 'Move down in the outline', keys: ['Alt+ArrowDown'] },
    'Select a stage first.',
  ),
)
