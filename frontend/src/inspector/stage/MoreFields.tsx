import type { Doc, Issue, Json } from '../../api/schema'
import { isObject, row } from '../../document/ops'
import { useEditor } from '../../editor/store'
import { producersOf } from '../../graph/documentReaders'
import { Fold } from '../Fold'
import { ProducesField } from './ProducesField'
import { RecordField } from './RecordField'
import type { RecordFieldSpec } from './RecordFrame'

/** The settings of every stage that are not its tool's. */
export function MoreFields({ node, issues }: { node: string; issues: readonly Issue[] }) {
  const doc = useEditor((state) => state.doc)
  const record = row(doc, 'stages', node)
  const stage = isObject(record) ? record : {}
  const specs = moreSpecs(doc)
  const count = specs.filter(({ path }) => path[0] !== undefined && isSaid(stage[path[0]])).length
  return (
    <Fold title="More" count={count}>
      <ProducesField node={node} />
      {specs.map((spec) => (
        <RecordField
          key={spec.path.join('/')}
          table="stages"
          node={node}
          spec={spec}
          issues={issues.filter(({ argument, path }) => {
            const field = spec.path[0] ?? ''
            return argument === undefined && path.split('/').slice(2).includes(field)
          })}
        />
      ))}
    </Fold>
  )
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
}

function moreSpecs(doc: Doc): RecordFieldSpec[] {
  const names = [...producersOf(doc).keys()]
  const artifacts = { type: 'array', items: { type: 'string', 'x-loose': true, examples: names } }
  const texts = { type: 'array', items: { type: 'string', maxLength: 200 } }
  return [
    {
      path: ['requiredArtifactsIn'],
      label: 'Waits for',
      help: "Runs after these results, even if it doesn't use them.",
      schema: artifacts,
    },
    {
      path: ['optionalArtifactsIn'],
      label: 'Waits for (optional)',
      help: 'Runs after these results. Continues if they fail.',
      schema: artifacts,
    },
    {
      path: ['reviewFocus'],
      label: 'Review checklist',
      help: 'What the reviewer should check.',
      schema: texts,
    },
    {
      path: ['successCriteria'],
      label: 'Approve if',
      help: 'What makes the result good enough.',
      schema: texts,
    },
    {
      path: ['humanApprovalDefault'],
      label: 'Approved by a person',
      help: 'Pauses after this stage until someone approves, as “Pause for approval” does.',
      schema: { type: 'boolean', default: false },
    },
  ]
}
