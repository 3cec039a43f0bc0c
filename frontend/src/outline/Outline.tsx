import { LogIn, Plus, Sparkles, StickyNote, Workflow } from 'lucide-react'
import { useEffect } from 'react'
import { keptPlan } from '../describe/planRow'
import { open } from '../editor/actions'
import { runCommand } from '../editor/commands'
import { useEditor } from '../editor/store'
import { pressedKey } from '../frame/press'
import { later } from '../parts/later'
import { usePhone } from '../parts/phone'
import { AddInput } from './AddInput'
import { onOutlineKey } from './keys'
import { Results } from './Results'
import { RowMenu } from './RowMenu'
import { RunList } from './RunList'
import { RunStrip } from './RunStrip'
import { actionsFor } from './rowActions'
import { newNote } from './rowEdits'
import { askForInput, focusRow, provideActions, useOutline } from './state'
import { Tree } from './Tree'

provideActions(actionsFor)
const Composer = later(
  () => import('../describe/Composer'),
  (found) => found.Composer,
  { waiting: <div className="describe skeleton" /> },
)

/** The template as a list: all that the canvas does, for keyboards, screen readers and phones. */
export function Outline() {
  const tab = useOutline((state) => state.tab)
  const isAddingInput = useOutline((state) => state.isAddingInput)
  const isPhone = usePhone()
  useEffect(() => {
    window.addEventListener('keydown', onEscape)
    return () => window.removeEventListener('keydown', onEscape)
  }, [])
  return (
    <main className="work-area outline" id="main" tabIndex={-1} onKeyDown={onOutlineKey}>
      {isPhone && tab === 'run' ? (
        <RunList />
      ) : isPhone && tab === 'results' ? (
        <Results />
      ) : (
        <Stages isPhone={isPhone} />
      )}
      <RowMenu />
      {isAddingInput && <AddInput />}
    </main>
  )
}

function Stages({ isPhone }: { isPhone: boolean }) {
  const canEdit = useEditor((state) => state.canEdit)
  const isBlank = useEditor(({ doc }) => doc.stages.order.length === 0)
  const isEmpty = useEditor(
    ({ doc }) =>
      doc.stages.order.length +
        doc.inputs.order.length +
        doc.notes.order.length +
        doc.frames.order.length ===
      0,
  )
  return (
    <div className="outline-in">
      <header className="outline-head">
        <h2 id="outline-title">Outline</h2>
        {canEdit && !isPhone && (
          <>
            <Buttons />
            <button
              type="button"
              className="btn btn-s btn-bare outline-canvas"
              onClick={() => runCommand('outline.toggle')}
            >
              <Workflow className="i i-14" aria-hidden />
              Canvas<kbd>O</kbd>
            </button>
          </>
        )}
      </header>
      {isPhone && <RunStrip />}
      {canEdit && isBlank && (
        <section className="starter starter-describe" aria-label="Describe it">
          <h3>What should it make?</h3>
          <Composer verb="Describe it" />
        </section>
      )}
      {isEmpty ? <Starters canEdit={canEdit} /> : <Tree labelledBy="outline-title" />}
      {canEdit && !isEmpty && isPhone && (
        <div className="outline-foot">
          <Buttons />
        </div>
      )}
    </div>
  )
}

function Buttons() {
  const hasPlan = useEditor(({ doc }) => keptPlan(doc) !== null)
  const hasStages = useEditor(({ doc }) => doc.stages.order.length > 0)
  return (
    <>
      {hasStages && (
        <button type="button" className="btn btn-s" onClick={() => runCommand('change')}>
          <Sparkles className="i i-14" aria-hidden />
          Change it
        </button>
      )}
      {hasPlan && (
        <button type="button" className="btn btn-s" onClick={() => runCommand('plan')}>
          Change the plan
        </button>
      )}
      <button type="button" className="btn btn-s" onClick={() => open({ name: 'add' })}>
        <Plus className="i i-14" aria-hidden />
        Add a stage
      </button>
      <button type="button" className="btn btn-s" onClick={() => askForInput(true)}>
        <LogIn className="i i-14" aria-hidden />
        Add an input
      </button>
      <button type="button" className="btn btn-s btn-bare" onClick={newNote}>
        <StickyNote className="i i-14" aria-hidden />
        Add a note
      </button>
    </>
  )
}

/** Ways to begin, in an empty outline. */
function Starters({ canEdit }: { canEdit: boolean }) {
  if (!canEdit) return <p className="muted outline-none">No stages yet.</p>
  return (
    <div className="outline-starters">
      <button type="button" className="starter" onClick={() => askForInput(true)}>
        <LogIn className="i i-20" aria-hidden />
        <b>Add an input</b>
        <span>Text, images or numbers people provide for a run.</span>
      </button>
      <button type="button" className="starter" onClick={() => open({ name: 'add' })}>
        <Plus className="i i-20" aria-hidden />
        <b>Add the first stage</b>
        <span>Choose a tool, then add the next stage.</span>
      </button>
    </div>
  )
}

/** Escape leads from the inspector back to the row it is about. */
function onEscape(event: KeyboardEvent): void {
  if (pressedKey(event) !== 'Escape' || event.defaultPrevented) return
  const target = event.target
  if (!(target instanceof Element) || !target.closest('.inspector') || target.closest('dialog'))
    return
  event.preventDefault()
  focusRow()
}
