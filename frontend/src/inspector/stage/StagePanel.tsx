import { useId } from 'react'
import { setTab, type Tab, useInspector } from '../../editor/inspected'
import { editor, useEditor } from '../../editor/store'
import { stageOf } from '../../graph/documentReaders'
import { setLabel } from '../../graph/edits/fields'
import { isTemplate } from '../../graph/tools'
import { later } from '../../parts/later'
import { SELECTING } from '../../parts/selecting'
import { Field } from '../form/Field'
import { useDraft } from '../form/useDraft'
import { IssueList } from '../IssueList'
import { issuesOfStage } from '../issues'
import { PanelFrame } from '../PanelFrame'
import { perform } from '../perform'
import { StageContext } from '../stageContext'
import { TabList } from '../TabList'
import { FlowFields } from './FlowFields'
import { MoreFields } from './MoreFields'
import { StageFoot } from './StageFoot'
import { StageForm } from './StageForm'
import { StageHead } from './StageHead'
import { StageLook } from './StageLook'

// Most stages do one thing with one tool.
const TypeFields = later(
  () => import('./TypeFields'),
  (found) => found.TypeFields,
)
const InsideSection = later(
  () => import('./InsideSection'),
  (found) => found.InsideSection,
)
const UseSection = later(
  () => import('./UseSection'),
  (found) => found.UseSection,
)
const StageResult = later(
  () => import('../../run/StageResult'),
  (found) => found.StageResult,
)
const StageRuns = later(
  () => import('../../run/StageRuns'),
  (found) => found.StageRuns,
)

const TABS: readonly { id: Tab; label: string }[] = [
  { id: 'settings', label: 'Settings' },
  { id: 'result', label: 'Result' },
  { id: 'runs', label: 'Earlier runs' },
]

/** One stage: its state, what it made, its settings, what it made before. */
export function StagePanel({ node }: { node: string }) {
  const id = useId()
  const doc = useEditor((state) => state.doc)
  const tools = useEditor((state) => state.tools)
  const canEdit = useEditor((state) => state.canEdit)
  const all = useEditor((state) => state.issues)
  const tab = useInspector((state) => state.tab)
  const stage = stageOf(doc, node)
  const tool = stage.tool === '' ? null : tools.get(stage.tool)
  const issues = issuesOfStage(all, stage.id || node)
  // What no field of the form shows stands on top.
  const loose = issues.filter(({ argument }) => argument === undefined || tool === null)
  return (
    <StageContext.Provider value={node}>
      <PanelFrame head={<StageHead node={node} />} foot={<StageFoot node={node} />}>
        {tab !== 'result' && <StageLook node={node} />}
        <TabList id={id} label="Stage" tabs={TABS} current={tab} onChange={setTab} />
        <div
          role="tabpanel"
          id={`${id}-panel`}
          aria-labelledby={`${id}-${tab}`}
          className="panel-in"
        >
          {tab === 'result' && <StageResult stage={node} />}
          {tab === 'runs' && <StageRuns stage={node} />}
          {tab === 'settings' && (
            <fieldset className="form" disabled={!canEdit}>
              {loose.length > 0 && <IssueList issues={loose} isHere />}
              {isTemplate(stage.tool) && <UseSection node={node} />}
              <NameField node={node} />
              {(stage.type !== 'fixed' || !tool) && <TypeFields node={node} issues={issues} />}
              {tool && <StageForm node={node} tool={tool} issues={issues} />}
              {stage.subStages.length > 0 && <InsideSection node={node} />}
              <FlowFields node={node} issues={issues} />
              <MoreFields node={node} issues={issues} />
            </fieldset>
          )}
        </div>
      </PanelFrame>
    </StageContext.Provider>
  )
}

function NameField({ node }: { node: string }) {
  const label = useEditor((state) => stageOf(state.doc, node).label)
  const title = useEditor((state) => state.wiring.nodes.get(node)?.title ?? '')
  const draft = useDraft(label, (text) => {
    perform(setLabel(editor().doc, node, text), `label/${node}`)
  })
  return (
    <Field label="Name" name="label" hint={draft.hint}>
      {(ids) => (
        <input
          {...SELECTING}
          className="input"
          id={ids.id}
          maxLength={200}
          value={draft.text}
          dir="auto"
          placeholder={title}
          aria-describedby={ids.describedBy}
          onFocus={(event) => {
            draft.onFocus()
            SELECTING.onFocus(event)
          }}
          onBlur={draft.onBlur}
          onChange={(event) => draft.onText(event.target.value)}
        />
      )}
    </Field>
  )
}
