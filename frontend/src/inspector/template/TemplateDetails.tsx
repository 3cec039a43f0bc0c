import { CATEGORY_WORDS } from '../../api/words'
import { useEditor } from '../../editor/store'
import { issuesOfTemplate } from '../issues'
import { RecordField } from '../stage/RecordField'
import type { RecordFieldSpec } from '../stage/RecordFrame'

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

/** The other fields that describe the template: where it is found, and by whom. */
export function TemplateDetails() {
  const issues = useEditor((state) => state.issues)
  return DETAILS.map((spec) => (
    <RecordField
      key={spec.path[0]}
      table="root"
      node="template"
      spec={spec}
      issues={issuesOfTemplate(issues, spec.path[0] ?? '')}
    />
  ))
}
