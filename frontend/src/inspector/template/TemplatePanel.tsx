import type { JsonObject } from '../../api/schema'
import { CATEGORY_WORDS } from '../../api/words'
import { useEditor } from '../../editor/store'
import { Fold } from '../Fold'
import { IssueList } from '../IssueList'
import { issuesOfTemplate } from '../issues'
import { PanelFrame } from '../PanelFrame'
import { RecordField, type RecordFieldSpec } from '../stage/RecordField'
import { InputList } from './InputList'
import { QuoteSection } from './QuoteSection'

const FIELDS: readonly RecordFieldSpec[] = [
  {
    path: ['name'],
    label: 'Name',
    schema: { type: 'string', maxLength: 200, 'x-plain': true, 'x-name': true },
  },
  { path: ['description'], label: 'Description', schema: { type: 'string', 'x-plain': true } },
]

const DETAILS: readonly RecordFieldSpec[] = [
  {
    path: ['category'],
    label: 'Category',
    schema: { type: 'string', enum: Object.keys(CATEGORY_WORDS), 'x-words': { ...CATEGORY_WORDS } },
  },
  {
    path: ['tags'],
    label: 'Tags',
    schema: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 60 } },
  },
  {
    path: ['brief'],
    label: 'Description for agents',
    help: 'Tells agents when to use this template.',
    schema: { type: 'string', 'x-plain': true },
  },
  {
    path: ['exposeToLLM'],
    label: 'Offer to agents',
    help: 'Agents that list templates find this one.',
    schema: { type: 'boolean', default: false, 'x-plain': true },
  },
  {
    path: ['llmPriority'],
    label: 'Rank for agents',
    help: 'Lower is offered first. Empty counts as 100.',
    schema: { type: 'number' },
  },
  {
    path: ['stability'],
    label: 'Status',
    schema: {
      type: 'string',
      enum: ['production', 'beta', 'experimental'],
      'x-words': { production: 'Ready', beta: 'Beta', experimental: 'Experimental' },
    },
  },
]

/** Nothing is selected: the template itself. */
export function TemplatePanel() {
  const template = useEditor((state) => state.template)
  const base = useEditor((state) => state.base)
  const rev = useEditor((state) => state.rev)
  const savedRev = useEditor((state) => state.savedRev)
  const canEdit = useEditor((state) => state.canEdit)
  const issues = useEditor((state) => state.issues)
  const name = useEditor((state) => nameIn(state.doc.root.rows.template as JsonObject | undefined))
  const since = Math.max(rev - savedRev, 0)
  const version = base.number > 0 ? `v${base.number}` : ''
  const changes = since === 0 ? '' : since === 1 ? '1 change' : `${since} changes`
  const field = (spec: RecordFieldSpec) => (
    <RecordField
      key={spec.path[0]}
      table="root"
      node="template"
      spec={spec}
      issues={issuesOfTemplate(issues, spec.path[0] ?? '')}
      isRequired={spec.path[0] === 'name'}
    />
  )
  return (
    <PanelFrame
      head={
        <>
          <div className="grow">
            <h2 className="clip">{name || template.name || 'Template'}</h2>
            <small>{[changes, version].filter(Boolean).join(' since ')}</small>
          </div>
          <span className="pill">{template.visibility === 'public' ? 'Public' : 'Private'}</span>
        </>
      }
    >
      <fieldset className="sec" disabled={!canEdit}>
        {FIELDS.map(field)}
        <Fold title="Category, tags and more">{DETAILS.map(field)}</Fold>
      </fieldset>
      <InputList />
      <QuoteSection />
      <section className="sec">
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
