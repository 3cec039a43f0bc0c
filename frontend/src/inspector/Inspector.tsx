import { useEffect, useRef } from 'react'
import { row } from '../document/ops'
import { clearTarget, useInspector } from '../editor/inspected'
import { useEditor } from '../editor/store'
import { INPUTS } from '../graph/documentReaders'
import { ErrorBoundary } from '../parts/ErrorBoundary'
import { later } from '../parts/later'
import { PanelFrame } from './PanelFrame'
import { Sheet } from './Sheet'
import { InputList } from './template/InputList'
import { TemplatePanel } from './template/TemplatePanel'

// Nothing is selected at first, or not yet.
const StagePanel = later(
  () => import('./stage/StagePanel'),
  (found) => found.StagePanel,
)
const InputEditor = later(
  () => import('./template/InputEditor'),
  (found) => found.InputEditor,
)
const FramePanel = later(
  () => import('./FramePanel'),
  (found) => found.FramePanel,
)
const ManyPanel = later(
  () => import('./ManyPanel'),
  (found) => found.ManyPanel,
)
const WirePanel = later(
  () => import('./WirePanel'),
  (found) => found.WirePanel,
)

/** Frames that a wanted field is waited for. */
const MOST_TRIES = 60

/** The panel with all that can be changed of the selection. */
export function Inspector() {
  const body = useRef<HTMLElement>(null)
  const selection = useEditor((state) => state.selection)
  const wire = useEditor((state) => state.wire)
  const target = useInspector((state) => state.wanted)

  useEffect(() => {
    if (!target) return
    let tries = 0
    let frame = 0
    const find = () => {
      const field = body.current?.querySelector(`[data-field="${CSS.escape(target.field)}"]`)
      if (field instanceof HTMLElement) {
        clearTarget()
        bringTo(field)
      } else if (tries < MOST_TRIES) {
        // Some forms are on their way.
        tries += 1
        frame = requestAnimationFrame(find)
      } else clearTarget()
    }
    find()
    return () => cancelAnimationFrame(frame)
  }, [target])

  const isResting = selection.size === 0 && wire === null
  return (
    <Sheet bodyRef={body} isResting={isResting}>
      <ErrorBoundary about={selection}>
        <Panel />
      </ErrorBoundary>
    </Sheet>
  )
}

/** Unfold what a field is in, and give it the keyboard. */
function bringTo(field: HTMLElement): void {
  let fold = field.closest('details')
  while (fold) {
    fold.open = true
    fold = fold.parentElement?.closest('details') ?? null
  }
  field.scrollIntoView?.({ block: 'center' })
  // What is written comes before the buttons beside it, such as the one that resets it.
  const control =
    field.querySelector<HTMLElement>('input, textarea, select') ??
    field.querySelector<HTMLElement>('.segmented button, button')
  control?.focus()
}

function Panel() {
  const selection = useEditor((state) => state.selection)
  const wireId = useEditor((state) => state.wire)
  const wire = useEditor((state) =>
    wireId === null ? undefined : state.wiring.edges.find((known) => known.id === wireId),
  )
  const doc = useEditor((state) => state.doc)
  const input = useInspector((state) => state.input)
  if (wire) return <WirePanel key={wire.id} wire={wire} />
  const ids = [...selection].filter((id) => id === INPUTS || tableOf(id, doc) !== null)
  const [id, ...others] = ids
  if (id === undefined) return <TemplatePanel />
  if (others.length > 0) return <ManyPanel ids={ids} />
  if (id === INPUTS)
    return input !== null && row(doc, 'inputs', input) !== undefined ? (
      <InputEditor key={input} input={input} />
    ) : (
      <Inputs />
    )
  const table = tableOf(id, doc)
  if (table === 'stages') return <StagePanel key={id} node={id} />
  if (table) return <FramePanel key={id} table={table} item={bare(id)} />
  return <TemplatePanel />
}

/** Frames and notes are selected as `frame:<key>` and `note:<key>`. */
function bare(id: string): string {
  return id.replace(/^(frame|note):/, '')
}

function tableOf(
  id: string,
  doc: ReturnType<typeof useEditor.getState>['doc'],
): 'stages' | 'frames' | 'notes' | null {
  if (row(doc, 'stages', id) !== undefined) return 'stages'
  if (id.startsWith('frame:') || row(doc, 'frames', id) !== undefined)
    return row(doc, 'frames', bare(id)) === undefined ? null : 'frames'
  return row(doc, 'notes', bare(id)) === undefined ? null : 'notes'
}

function Inputs() {
  return (
    <PanelFrame
      head={
        <div className="grow">
          <h2>Inputs</h2>
          <small>What people fill in before a run</small>
        </div>
      }
    >
      <InputList />
    </PanelFrame>
  )
}
