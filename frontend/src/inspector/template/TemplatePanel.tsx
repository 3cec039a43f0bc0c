import type { JsonObject } from '../../api/schema'
import { useEditor } from '../../editor/store'
import { later } from '../../parts/later'
import { Fold } from '../Fold'
import { IssueList } from '../IssueList'
import { PanelFrame } from '../PanelFrame'
import type { RecordFieldSpec } from '../stage/RecordFrame'
import { InputList } from './InputList'
import { QuoteSection } from './QuoteSection'
import { TemplateField } from './TemplateField'

const FIELDS: readonly RecordFieldSpec[] = [
  {
    path: ['name'],
    label: 'Name',
    schema: { type: 'string', maxLength: 200, 'x-plain': true, 'x-name': true },
  },
  { path: ['description'], label: 'Description', schema: { type: 'string', 'x-plain': true } },
]

const OutputList = later(
  () => import('./OutputList'),
  (module) => module.OutputList,
)

const TemplateDetails = later(
  () => import('./TemplateDetails'),
  (found) => found.TemplateDetails,
)

/** Nothing is selected: the template itself. */
export function TemplatePanel() {
  const template = useEditor((state) => state.template)
  const base = useEditor((state) => state.base)
  const rev = useEditor((state) => state.rev)
  const savedRev = useEditor((state) => state.savedRev)
  const canEdit = useEditor((state) => state.canEdit)
  const isInside = useEditor((state) => state.inside !== null)
  const all = useEditor((state) => state.issues)
  // An empty template says on its canvas how to begin.
  const issues = all.filter((issue) => issue.code !== 'no_stages')
  const name = useEditor((state) => nameIn(state.doc.root.rows.template as JsonObject | undefined))
  const since = Math.max(rev - savedRev, 0)
  const version = base.version && `v${base.version}`
  const changes = since === 0 ? '' : since === 1 ? '1 change' : `${since} changes`
  return (
    <PanelFrame
      head={
        <>
          <div className="grow">
            <h2 className="clip" dir="auto">
              {name || template.name || 'Template'}
            </h2>
            {!isInside && <small>{[changes, version].filter(Boolean).join(' since ')}</small>}
          </div>
          {!isInside && (
            <span className="pill">{template.visibility === 'public' ? 'Public' : 'Private'}</span>
          )}
        </>
      }
    >
      <fieldset className="panel-section" disabled={!canEdit}>
        {FIELDS.map((spec) => (
          <TemplateField key={spec.path[0]} spec={spec} />
        ))}
        <Fold title="Category, tags and more">
          <TemplateDetails />
        </Fold>
      </fieldset>
      <InputList />
      <OutputList />
      {!isInside && <QuoteSection />}
      <section className="panel-section">
        <h3>
          Problems<span className="faint num">{issues.length || 'None'}</span>
        </h3>
        {issues.length > 0 && <IssueList issues={issues} />}
      </section>
    </PanelFrame>
  )
}

function nameIn(record: JsonObject | undefined): string {
  return typeof record?.name === 'string' ? record.name : ''
}
